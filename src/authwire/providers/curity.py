"""Curity.

https://curity.io/docs/idsvr/latest/
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile

__all__ = ["Curity"]


def Curity(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your Curity Identity Server.

    ``issuer``: ``https://<host>/oauth/v2/oauth-anonymous``, unless your profile has another path.
    """
    return OIDC[Profile](
        id="curity",
        name="Curity",
        checks=("pkce", "state"),
        profile=trusted_profile,
    ).override(options)
