"""Clerk.

https://clerk.com/docs/guides/configure/auth-strategies/oauth/how-clerk-implements-oauth
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["Clerk"]


def Clerk(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with the users of your Clerk application.

    ``issuer``: its Frontend API URL, such as ``https://clerk.example.com``.
    """
    return OIDC[Profile](
        id="clerk",
        name="Clerk",
        checks=("pkce", "state"),
        profile=trusted_profile,
        style=Style(brand="#6C47FF"),
    ).override(options)
