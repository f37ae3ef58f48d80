"""Globus.

https://docs.globus.org/api/auth/
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile

__all__ = ["Globus"]


def Globus(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with Globus. The account id is that of the user's primary identity."""
    return OIDC[Profile](
        id="globus",
        name="Globus",
        issuer="https://auth.globus.org",
        checks=("pkce", "state"),
        profile=trusted_profile,
    ).override(options)
