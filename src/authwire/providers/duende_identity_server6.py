"""Duende IdentityServer.

https://docs.duendesoftware.com/identityserver/
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile

__all__ = ["DuendeIdentityServer6"]


def DuendeIdentityServer6(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your IdentityServer. ``issuer``: its address.

    It tells names and addresses in the ID token only to clients that have
    ``AlwaysIncludeUserClaimsInIdToken``. An address that it calls unverified is not taken.
    """
    return OIDC[Profile](
        id="duende-identity-server6",
        name="DuendeIdentityServer6",
        profile=trusted_profile,
    ).override(options)
