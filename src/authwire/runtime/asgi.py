"""ASGI ↔ `Request` and `Response`. Every ASGI integration goes through here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import quote

from authwire.http import MAX_BODY_BYTES, Headers, Request, Response

__all__ = ["ASGIApp", "BodyTooLarge", "Receive", "Scope", "Send", "asgi_app", "read_request", "send_response"]

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

# What may stand unencoded in a path (RFC 3986 §3.3).
_PATH_SAFE = "/:@!$&'()*+,;=-._~%"


class BodyTooLarge(ValueError):
    """A request body over `MAX_BODY_BYTES`."""


def request_of(scope: Scope, body: bytes = b"", *, native: Any = None) -> Request:
    """The `Request` of an ASGI scope, with the path as it was sent."""
    headers = Headers(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
    )
    raw = scope.get("raw_path")
    path = raw.decode("latin-1").partition("?")[0] if raw else quote(scope["path"], safe=_PATH_SAFE)
    client, server = scope.get("client"), scope.get("server")
    host = headers.get("host") or (f"{server[0]}:{server[1]}" if server and server[1] else "")
    scheme = str(scope.get("scheme", "http"))
    return Request(
        method=scope.get("method", "GET"),
        path=path,
        scheme={"ws": "http", "wss": "https"}.get(scheme, scheme),
        host=host,
        query_string=scope.get("query_string", b"").decode("latin-1"),
        headers=headers,
        body=body,
        client=client[0] if client else None,
        native=native,
    )


async def read_body(receive: Receive) -> bytes:
    """The whole body.

    Raises:
        BodyTooLarge: over `MAX_BODY_BYTES`.
        ConnectionError: if the client went away first.
    """
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ConnectionError("the client went away")
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLarge("the request body is too large")
        if not message.get("more_body"):
            return bytes(body)


async def read_request(scope: Scope, receive: Receive, *, native: Any = None) -> Request:
    """The whole request; see `read_body` for what it raises."""
    return request_of(scope, await read_body(receive), native=native)


async def send_response(send: Send, response: Response) -> None:
    """Send ``response``."""
    headers = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in response.wire_headers()]
    headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


def asgi_app(handle: Callable[[Request], Awaitable[Response]]) -> ASGIApp:
    """An ASGI app that answers every HTTP request with ``handle``."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            raise TypeError(f"Authwire serves HTTP, not {scope['type']}")
        try:
            request = await read_request(scope, receive)
        except ConnectionError:
            return
        except BodyTooLarge:
            await send_response(send, Response(status=413))
            return
        await send_response(send, await handle(request))

    return app


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
