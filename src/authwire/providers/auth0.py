"""Auth0.

https://auth0.com/docs/authenticate/protocols/openid-connect-protocol
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from authwire.providers._types import OIDC, OAuth2, OAuth2Options, Profile, Style

__all__ = ["Auth0"]


def Auth0(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your Auth0 tenant. ``issuer``: ``https://<tenant>.<region>.auth0.com/``."""
    return OIDC[Profile](
        id="auth0",
        name="Auth0",
        derive=_spelling,
        style=Style(brand="#EB5424", text="#fff"),
    ).override(options)


def _spelling(provider: OAuth2[Profile]) -> Mapping[str, Any]:
    # Auth0 states its issuer with the slash; its dashboard shows the domain without one.
    issuer = provider.issuer
    return {"issuer": f"{issuer}/"} if issuer and not issuer.endswith("/") else {}
