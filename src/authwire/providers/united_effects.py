"""United Effects.

https://docs.unitedeffects.com/integrations/nextauthjs
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2, OAuth2Options, Profile

__all__ = ["UnitedEffects"]


def UnitedEffects(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your United Effects Auth group. ``issuer``: as the group's settings say."""
    return OIDC[Profile](
        id="united-effects",
        name="United Effects",
        scope="openid email profile",
        profile=trusted_profile,
        derive=_resource,
    ).override(options)


def _resource(provider: OAuth2[Profile]) -> Mapping[str, Any]:
    # Asks for an access token that the group's own API takes (RFC 8707).
    issuer = provider.issuer
    return {"params": {**provider.params, "resource": issuer}} if issuer else {}
