"""Vercel.

https://vercel.com/docs/sign-in-with-vercel
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["Vercel"]


def Vercel(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with Vercel. An address that Vercel calls unverified is not taken."""
    return OIDC[Profile](
        id="vercel",
        name="Vercel",
        issuer="https://vercel.com",
        authorization="https://vercel.com/oauth/authorize",
        token="https://api.vercel.com/login/oauth/token",
        jwks_uri="https://vercel.com/.well-known/jwks",
        scope="openid profile email",
        checks=("pkce", "state"),
        profile=trusted_profile,
        style=Style(brand="#000"),
    ).override(options)
