"""Codeberg, which runs Forgejo.

https://forgejo.org/docs/latest/user/oauth2-provider/
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._forge import ForgeProfile, forge
from authwire.providers._types import OAuth2, OAuth2Options

__all__ = ["Codeberg"]


def Codeberg(**options: Unpack[OAuth2Options]) -> OAuth2[ForgeProfile]:
    """Sign in with Codeberg."""
    return forge("codeberg", "Codeberg", "https://codeberg.org", "#2185D0", options)
