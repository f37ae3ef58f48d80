"""Passage by 1Password.

https://docs.passage.id/hosted/setup
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["Passage"]


def Passage(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your hosted Passage app. ``issuer``: as its settings say."""
    return OIDC[Profile](
        id="passage",
        name="Passage",
        profile=trusted_profile,
        style=Style(brand="#3d53f6"),
    ).override(options)
