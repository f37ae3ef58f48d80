"""Forgejo.

https://forgejo.org/docs/latest/user/oauth2-provider/
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._forge import ForgeProfile, forge
from authwire.providers._types import OAuth2, OAuth2Options

__all__ = ["Forgejo"]


def Forgejo(*, base_url: str, **options: Unpack[OAuth2Options]) -> OAuth2[ForgeProfile]:
    """Sign in with the Forgejo at ``base_url``."""
    return forge("forgejo", "Forgejo", base_url, "#FB923C", options)
