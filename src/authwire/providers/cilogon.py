"""CILogon.

https://www.cilogon.org/oidc
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile

__all__ = ["CILogon"]


def CILogon(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with a research or campus account, by CILogon.

    The account id is that of one identity provider: somebody with accounts at two has two.
    """
    return OIDC[Profile](
        id="cilogon",
        name="CILogon",
        issuer="https://cilogon.org",
        scope="openid email profile org.cilogon.userinfo",
        checks=("nonce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=trusted_profile,
    ).override(options)
