"""The security scheme in OpenAPI documents, and which operations need it."""

from __future__ import annotations

from copy import copy
from typing import Any, Final

from litestar.config.app import AppConfig
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import Components, SecurityScheme

from authwire.auth import Auth
from authwire.http import Request as AuthRequest

__all__ = ["describe", "mark"]

_PLAIN_COOKIE: Final = "authjs.session-token"


def describe(app_config: AppConfig, auth: Auth[Any], scheme: str) -> None:
    """Add the session cookie to the document's components, under the name ``scheme``."""
    if app_config.openapi_config is None:
        return
    cookie = SecurityScheme(type="apiKey", name=_cookie_name(auth), security_scheme_in="cookie")
    ours = Components(security_schemes={scheme: cookie})
    config = copy(app_config.openapi_config)  # the default one is shared by all apps
    theirs = config.components
    config.components = [ours, *(theirs if isinstance(theirs, list) else [theirs])]
    app_config.openapi_config = config


def mark(handler: HTTPRouteHandler, scheme: str) -> None:
    """Say of an operation that it needs the session."""
    wanted: dict[str, list[str]] = {scheme: []}
    security = list(handler.security or ())
    if wanted not in security:
        handler.security = [*security, wanted]


def _cookie_name(auth: Auth[Any]) -> str:
    """The session cookie as OpenAPI tells it; a config that is chosen by request has no one name."""
    if auth.config is None:
        return _PLAIN_COOKIE
    engine = auth.engine(AuthRequest(method="GET", path="/"))
    secure = engine.use_secure_cookies
    if secure is None:
        secure = (engine.hosts.url or "").startswith("https:")
    return (engine.cookies_secure if secure else engine.cookies_plain).session_token.name
