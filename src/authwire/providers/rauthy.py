"""Rauthy.

https://sebadob.github.io/rauthy/
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile

__all__ = ["Rauthy"]


def Rauthy(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your Rauthy.

    ``issuer``: as its discovery document states it, such as ``https://id.example.com/auth/v1``.
    """
    return OIDC[Profile](
        id="rauthy",
        name="Rauthy",
        checks=("pkce", "state"),
        profile=trusted_profile,
    ).override(options)
