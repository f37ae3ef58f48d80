"""authentik.

https://docs.goauthentik.io/add-secure-apps/providers/oauth2/
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["Authentik"]


def Authentik(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your authentik. ``issuer``: ``https://<host>/application/o/<application>/``.

    An address that authentik calls unverified is not taken. Since 2025.10 it says so of all of
    them, unless a scope mapping of yours says otherwise.
    """
    return OIDC[Profile](
        id="authentik",
        name="Authentik",
        profile=trusted_profile,
        style=Style(brand="#fd4b2d", text="#fff"),
    ).override(options)
