"""Authwire's answers as Litestar's responses and exceptions."""

from __future__ import annotations

from typing import Any, Final

from litestar.enums import ScopeType
from litestar.exceptions import (
    LitestarException,
    NotAuthorizedException,
    PermissionDeniedException,
    WebSocketException,
)
from litestar.response import Response
from litestar.response.base import ASGIResponse

from authwire.http import Response as AuthResponse
from authwire.integrations.litestar._sessions import Connection, Sessions

__all__ = ["forbidden", "not_signed_in", "to_response"]

_POLICY_VIOLATION: Final = 1008


class _Reply(Response[bytes]):
    """An answer of Authwire, whose cookies are written already."""

    __slots__ = ("_cookies",)

    def __init__(self, response: AuthResponse) -> None:
        fields = [(name.lower(), value) for name, value in response.wire_headers()]
        headers = {name: value for name, value in fields if name != "set-cookie"}
        super().__init__(
            response.body,
            headers=headers,
            media_type=headers.get("content-type", "text/plain"),
            status_code=response.status,
        )
        self._cookies = [value for name, value in fields if name == "set-cookie"]

    def to_asgi_response(self, *args: Any, **kwargs: Any) -> ASGIResponse:
        native = super().to_asgi_response(*args, **kwargs)
        for cookie in self._cookies:
            native.headers.add("set-cookie", cookie)
        return native


def to_response(response: AuthResponse) -> Response[bytes]:
    """Authwire's answer as Litestar's, cookies and all."""
    return _Reply(response)


def not_signed_in(sessions: Sessions[Any], connection: Connection) -> LitestarException:
    """What to raise for somebody who is not signed in."""
    # An exception of Litestar's needs no handler of ours in the app, and one of the app's own sees it.
    if connection.scope["type"] == ScopeType.WEBSOCKET:
        return WebSocketException(detail="Not authenticated", code=_POLICY_VIOLATION)
    refusal = sessions.auth.unauthenticated(sessions.visit(connection).request)
    headers = {name: value for name, value in refusal.headers if name != "content-type"}
    return NotAuthorizedException(
        detail="Not authenticated", status_code=refusal.status, headers=headers
    )


def forbidden(connection: Connection) -> LitestarException:
    """What to raise for somebody who is signed in and may not."""
    if connection.scope["type"] == ScopeType.WEBSOCKET:
        return WebSocketException(detail="Forbidden", code=_POLICY_VIOLATION)
    return PermissionDeniedException()
