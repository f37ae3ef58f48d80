"""Authelia.

https://www.authelia.com/integration/openid-connect/introduction/
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["Authelia"]


def Authelia(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your Authelia. ``issuer``: ``https://auth.example.com``, without a path."""
    return OIDC[Profile](
        id="authelia",
        name="Authelia",
        checks=("pkce", "state"),
        # Since 4.39 the ID token tells the account id only, unless a claims policy says otherwise.
        id_token=False,
        profile=trusted_profile,
        style=Style(brand="#113155"),
    ).override(options)
