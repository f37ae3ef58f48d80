"""IdentityServer4.

https://identityserver4.readthedocs.io/
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile

__all__ = ["IdentityServer4"]


def IdentityServer4(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your IdentityServer4. ``issuer``: its address.

    It tells names and addresses in the ID token only to clients that have
    ``AlwaysIncludeUserClaimsInIdToken``. An address that it calls unverified is not taken. No longer
    maintained: `DuendeIdentityServer6` is for its successor.
    """
    return OIDC[Profile](
        id="identity-server4",
        name="IdentityServer4",
        profile=trusted_profile,
    ).override(options)
