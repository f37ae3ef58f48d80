"""Roblox.

https://create.roblox.com/docs/cloud/auth/oauth2-overview
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["Roblox"]


def Roblox(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with Roblox. No e-mail address comes with these scopes."""
    return OIDC[Profile](
        id="roblox",
        name="Roblox",
        issuer="https://apis.roblox.com/oauth/",
        scope="openid profile",
        checks=("pkce", "state"),
        profile=trusted_profile,
        style=Style(brand="#5865F2", text="#fff"),
    ).override(options)
