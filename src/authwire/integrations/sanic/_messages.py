"""Requests and answers: Sanic's and Authwire's. WebSockets have two kinds, by the server."""

from __future__ import annotations

from typing import Any, Final, TypeAlias, cast

from sanic import Request
from sanic.compat import Header
from sanic.response import HTTPResponse
from sanic.server.websockets.connection import WebSocketConnection
from sanic.server.websockets.impl import WebsocketImplProtocol

from authwire.http import MAX_BODY_BYTES, Headers
from authwire.http import Request as AuthRequest
from authwire.http import Response as AuthResponse
from authwire.runtime import asgi

__all__ = [
    "SOCKETS",
    "AnyRequest",
    "Refused",
    "body_of",
    "hang_up",
    "is_asgi_socket",
    "is_handshake",
    "request_of",
    "to_response",
]

AnyRequest: TypeAlias = Request[Any, Any]
SOCKETS: Final = (WebsocketImplProtocol, WebSocketConnection)
"""What handlers of WebSockets take, with Sanic's own server and with an ASGI server."""
_POLICY_VIOLATION: Final = 1008


def request_of(request: AnyRequest, body: bytes = b"") -> AuthRequest:
    """Sanic's request as Authwire's, with what the server saw itself and the path as it was sent."""
    scope = getattr(request.transport, "scope", None)
    if scope is not None:  # served by an ASGI server
        return asgi.request_of(scope, body, native=request)
    headers = Headers((name, _as_latin(value)) for name, value in request.headers.items())
    conn = request.conn_info
    return AuthRequest(
        method=request.method,
        path=request.path,
        scheme="https" if conn and conn.ssl else "http",
        host=headers.get("host") or (conn.server if conn else ""),
        query_string=request.query_string,
        headers=headers,
        body=body,
        client=(conn and conn.client_ip) or None,
        native=request,
    )


def to_response(response: AuthResponse) -> HTTPResponse:
    """Authwire's answer as Sanic's, cookies and all."""
    headers = Header(response.wire_headers())
    # Sanic writes "None" for a type that is not known.
    kind = headers.get("content-type", "text/plain; charset=utf-8")
    return HTTPResponse(response.body, response.status, headers, kind)


class Refused(HTTPResponse):
    """Closes a WebSocket of an ASGI server before it opens; Sanic would answer as if it were HTTP."""

    __slots__ = ("_request",)

    def __init__(self, request: AnyRequest) -> None:
        super().__init__(status=403)
        self._request = request

    async def send(self, *_: Any, **__: Any) -> None:
        await hang_up(self._request)


def is_asgi_socket(request: AnyRequest) -> bool:
    scope = getattr(request.transport, "scope", None)
    return scope is not None and scope["type"] == "websocket"


def is_handshake(request: AnyRequest) -> bool:
    """Whether a WebSocket may come of it, by its route or by what it asks for."""
    return (
        is_asgi_socket(request)
        or (request.route is not None and hasattr(request.route.handler, "is_websocket"))
        or "websocket" in ",".join(request.headers.getall("upgrade", ())).lower()
    )


async def hang_up(request: AnyRequest, socket: Any = None) -> None:
    if isinstance(socket, WebsocketImplProtocol):
        await socket.close(_POLICY_VIOLATION)
        return
    # With an ASGI server Sanic's own close() does nothing.
    message = {"type": "websocket.close", "code": _POLICY_VIOLATION}
    await cast("Any", request.transport).send(message)


async def body_of(request: AnyRequest) -> bytes | None:
    """The body, also if some middleware has read it already; None if it is too large."""
    stream: Any = request.stream
    body = bytearray(request.body)
    while stream is not None and stream.request_body and len(body) <= MAX_BODY_BYTES:
        body += await stream.read() or b""
    return bytes(body) if len(body) <= MAX_BODY_BYTES else None


def _as_latin(value: str) -> str:
    """Sanic decodes the bytes of a field as UTF-8; Authwire takes them one by one (RFC 9110 §5.5)."""
    return value if value.isascii() else value.encode("utf-8", "surrogateescape").decode("latin-1")
