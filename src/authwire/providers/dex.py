"""Dex.

https://dexidp.io/docs/guides/using-dex/
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile

__all__ = ["Dex"]


def Dex(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your Dex.

    ``issuer``: as in its configuration, such as ``https://dex.example.com/dex``.
    """
    return OIDC[Profile](
        id="dex",
        name="Dex",
        checks=("pkce", "state"),
        profile=trusted_profile,
    ).override(options)
