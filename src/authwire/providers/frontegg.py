"""Frontegg.

https://docs.frontegg.com/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2, OAuth2Options, Profile

__all__ = ["Frontegg"]


def Frontegg(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your Frontegg. ``issuer``: ``https://<your domain>.frontegg.com``.

    An address that Frontegg calls unverified is not taken.
    """
    return OIDC[Profile](
        id="frontegg",
        name="Frontegg",
        derive=_endpoints,
        profile=trusted_profile,
    ).override(options)


def _endpoints(provider: OAuth2[Profile]) -> Mapping[str, Any]:
    # Frontegg's discovery document is not where that of its issuer belongs.
    base = (provider.issuer or "").rstrip("/")
    if not base:
        return {}
    return {
        "authorization": f"{base}/oauth/authorize",
        "token": f"{base}/oauth/token",
        "userinfo": f"{base}/identity/resources/users/v2/me",
        "jwks_uri": f"{base}/.well-known/jwks.json",
    }
