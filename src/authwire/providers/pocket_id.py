"""Pocket ID.

https://pocket-id.org/docs/guides/oidc-client-authentication
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["PocketID"]


def PocketID(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your Pocket ID. ``issuer``: ``https://id.example.com``."""
    return OIDC[Profile](
        id="pocket-id",
        name="Pocket ID",
        checks=("pkce", "state"),
        profile=trusted_profile,
        style=Style(brand="#000"),
    ).override(options)
