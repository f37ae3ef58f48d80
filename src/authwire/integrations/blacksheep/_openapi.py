"""OpenAPI documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from blacksheep.server.openapi import v3
from blacksheep.server.openapi.v3 import SecuritySchemeHandler
from guardpost import AuthenticationHandler

from authwire.auth import Auth
from authwire.http import Request as AuthRequest
from authwire.integrations.blacksheep._identity import SessionAuthentication

__all__ = ["describe"]

_v3: Any = v3  # type checkers are not shown the names that it imports itself


def describe(docs: Any, auth: Auth[Any], endpoints: Iterable[Callable[..., Any]]) -> None:
    """Leave ``endpoints`` out of ``docs``, and tell of the session cookie."""
    for endpoint in endpoints:
        docs.ignore()(endpoint)
    docs.security_schemes_handlers.append(_SessionScheme(_cookie_name(auth)))


class _SessionScheme(SecuritySchemeHandler):
    def __init__(self, cookie: str) -> None:
        self._cookie = cookie

    def get_security_schemes(self, handler: AuthenticationHandler) -> Iterable[Any]:
        if isinstance(handler, SessionAuthentication):
            scheme = _v3.APIKeySecurity(name=self._cookie, in_=_v3.ParameterLocation.COOKIE)
            yield handler.scheme, scheme, _v3.SecurityRequirement(handler.scheme, [])


def _cookie_name(auth: Auth[Any]) -> str:
    """The session cookie as OpenAPI tells it; a config that is chosen by request has no one name."""
    if auth.config is None:
        return "authjs.session-token"
    engine = auth.engine(AuthRequest(method="GET", path="/"))
    secure = engine.use_secure_cookies
    if secure is None:
        secure = (engine.hosts.url or "").startswith("https:")
    return (engine.cookies_secure if secure else engine.cookies_plain).session_token.name
