"""Gitea.

https://docs.gitea.com/development/oauth2-provider
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._forge import ForgeProfile, forge
from authwire.providers._types import OAuth2, OAuth2Options

__all__ = ["Gitea"]


def Gitea(
    *, base_url: str = "https://gitea.com", **options: Unpack[OAuth2Options]
) -> OAuth2[ForgeProfile]:
    """Sign in with gitea.com, or with your own Gitea at ``base_url``."""
    return forge("gitea", "Gitea", base_url, "#609926", options)
