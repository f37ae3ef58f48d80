"""OneLogin.

https://developers.onelogin.com/openid-connect
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2, OAuth2Options, Profile

__all__ = ["OneLogin"]

_PATH = "/oidc/2"


def OneLogin(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your OneLogin account. ``issuer``: ``https://<subdomain>.onelogin.com``."""
    return OIDC[Profile](
        id="onelogin",
        name="OneLogin",
        profile=trusted_profile,
        derive=_spelling,
    ).override(options)


def _spelling(provider: OAuth2[Profile]) -> Mapping[str, Any]:
    # What OneLogin states as its issuer is the address of its second OpenID Connect API.
    issuer = (provider.issuer or "").rstrip("/")
    return {"issuer": issuer.removesuffix(_PATH) + _PATH} if issuer else {}
