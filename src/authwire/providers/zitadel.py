"""ZITADEL.

https://zitadel.com/docs/guides/integrate/login/oidc/login-users
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile

__all__ = ["ZITADEL"]


def ZITADEL(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your ZITADEL instance. ``issuer``: ``https://<instance>.zitadel.cloud``."""
    return OIDC[Profile](
        id="zitadel",
        name="ZITADEL",
        profile=trusted_profile,
    ).override(options)
