"""Hugging Face.

https://huggingface.co/docs/hub/oauth
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["Huggingface"]


def Huggingface(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with Hugging Face. An address that it calls unverified is not taken."""
    return OIDC[Profile](
        id="huggingface",
        name="Hugging Face",
        issuer="https://huggingface.co",
        checks=("pkce", "state"),
        profile=trusted_profile,
        style=Style(brand="#FFD21E", text="#000"),
    ).override(options)
