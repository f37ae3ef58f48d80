"""Kinde.

https://docs.kinde.com/developer-tools/about/using-kinde-without-an-sdk/
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["Kinde"]


def Kinde(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your Kinde business. ``issuer``: ``https://<business>.kinde.com``."""
    return OIDC[Profile](
        id="kinde",
        name="Kinde",
        checks=("state", "pkce"),
        profile=trusted_profile,
        style=Style(brand="#fff", text="#0F0F0F"),
    ).override(options)
