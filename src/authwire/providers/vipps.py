"""Vipps MobilePay.

https://developer.vippsmobilepay.com/docs/APIs/login-api/
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["Vipps"]


def Vipps(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with Vipps MobilePay. The profile comes from the userinfo endpoint.

    ``issuer``: ``https://apitest.vipps.no/access-management-1.0/access/`` for the test environment.
    """
    return OIDC[Profile](
        id="vipps",
        name="Vipps",
        default_issuer="https://api.vipps.no/access-management-1.0/access/",
        scope="openid name email",
        id_token=False,
        checks=("pkce", "state", "nonce"),
        profile=trusted_profile,
        style=Style(brand="#f05c18"),
    ).override(options)
