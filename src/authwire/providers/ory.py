"""Ory Network.

https://www.ory.com/docs/oauth2-oidc/authorization-code-flow
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile

__all__ = ["Ory"]


def Ory(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your project at Ory. ``issuer``: ``https://<slug>.projects.oryapis.com``."""
    return OIDC[Profile](
        id="ory",
        name="Ory Network",
        checks=("pkce", "state"),
        profile=trusted_profile,
    ).override(options)
