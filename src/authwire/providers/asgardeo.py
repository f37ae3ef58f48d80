"""Asgardeo.

https://wso2.com/asgardeo/docs/guides/applications/register-oidc-web-app/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2, OAuth2Options, Profile, Style

__all__ = ["Asgardeo"]


def Asgardeo(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your Asgardeo organisation. ``issuer``: ``https://api.asgardeo.io/t/<org>``.

    An address that Asgardeo calls unverified is not taken.
    """
    return OIDC[Profile](
        id="asgardeo",
        name="Asgardeo",
        derive=_spelling,
        profile=trusted_profile,
        style=Style(brand="#000", text="#fff"),
    ).override(options)


def _spelling(provider: OAuth2[Profile]) -> Mapping[str, Any]:
    # Asgardeo states its token endpoint as its issuer; people know the part before that.
    issuer = (provider.issuer or "").rstrip("/")
    if not issuer or issuer.endswith("/oauth2/token"):
        return {}
    return {"issuer": f"{issuer}/oauth2/token"}
