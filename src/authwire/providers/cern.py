"""CERN.

https://auth.docs.cern.ch/user-documentation/oidc/oidc/
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["CERN"]


def CERN(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with a CERN account, or with one that CERN's single sign-on lets in as a guest."""
    return OIDC[Profile](
        id="cern",
        name="CERN",
        issuer="https://auth.cern.ch/auth/realms/cern",
        checks=("pkce", "state"),
        profile=trusted_profile,
        style=Style(brand="#0033A0"),
    ).override(options)
