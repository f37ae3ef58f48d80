"""ASGI ↔ `Request` and `Response`. Every ASGI integration goes through here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from typing import Any, TypeAlias
from urllib.parse import quote, unquote

from authwire.http import MAX_BODY_BYTES, Headers, Request, Response

__all__ = [
    "ASGIApp",
    "BodyTooLarge",
    "Message",
    "Receive",
    "Scope",
    "Send",
    "asgi_app",
    "path_of",
    "read_body",
    "read_request",
    "request_of",
    "route_path",
    "send_response",
    "serve",
]

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

# What may stand unencoded in a path (RFC 3986 §3.3).
_PATH_SAFE = "/:@!$&'()*+,;=-._~"
_HTTP_SCHEMES = {"ws": "http", "wss": "https"}


class BodyTooLarge(ValueError):
    """A request body over `MAX_BODY_BYTES`."""


def request_of(scope: Scope, body: bytes = b"", *, native: Any = None) -> Request:
    """The `Request` of an ASGI scope, HTTP or WebSocket, with the whole path as it was sent."""
    headers = Headers.of_bytes(scope["headers"])
    client, server = scope.get("client"), scope.get("server")
    host = headers.get("host") or (f"{server[0]}:{server[1]}" if server and server[1] else "")
    scheme: str = scope.get("scheme", "http")
    return Request(
        method=scope.get("method", "GET"),
        path=path_of(scope),
        scheme=_HTTP_SCHEMES.get(scheme, scheme),
        host=host,
        query_string=scope.get("query_string", b"").decode("latin-1"),
        headers=headers,
        body=body,
        client=client[0] if client else None,
        native=native,
    )


def path_of(scope: Scope) -> str:
    """The path with what the app is mounted under, percent-encoded as sent.

    ``raw_path`` counts only if it spells the same path: a middleware that rewrites ``path`` may have
    left it behind, and the routes go by ``path``.
    """
    root: str = scope.get("root_path", "")
    decoded = _below(root, scope["path"])
    raw = scope.get("raw_path")
    if raw:
        sent: str = raw.decode("latin-1").partition("?")[0]
        if sent == decoded and "%" not in sent:
            return sent
        for candidate in (sent, quote(root, safe=_PATH_SAFE) + sent):
            if unquote(candidate) == decoded:
                return candidate
    return quote(decoded, safe=_PATH_SAFE)


def _below(root: str, path: str) -> str:
    """``path`` behind ``root``; servers differ in whether it has it already."""
    root = root.rstrip("/")
    if not root or path == root or path.startswith(f"{root}/"):
        return path
    return root + path


def route_path(scope: Scope) -> str:
    """The path below what the app is mounted under, decoded: what its routes are matched with."""
    root = scope.get("root_path", "").rstrip("/")
    path: str = scope["path"]
    return path[len(root) :] if root and path.startswith(f"{root}/") else path


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


async def serve(
    handle: Callable[[Request], Awaitable[Response]],
    request: Request,
    receive: Receive,
    send: Send,
) -> None:
    """Answer one HTTP request with ``handle``.

    Args:
        handle: what answers.
        request: what is asked. Its body is read here, if it is a POST: no other may have one that
            counts. One over `MAX_BODY_BYTES` gets 413.
        receive: as in ASGI.
        send: as in ASGI.
    """
    if request.method == "POST":
        try:
            request = replace(request, body=await read_body(receive))
        except ConnectionError:
            return
        except BodyTooLarge:
            await send_response(send, Response(status=413))
            return
    await send_response(send, await handle(request))


def asgi_app(handle: Callable[[Request], Awaitable[Response]]) -> ASGIApp:
    """An ASGI app that answers every HTTP request with ``handle``."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            raise TypeError(f"Authwire serves HTTP, not {scope['type']}")
        await serve(handle, request_of(scope), receive, send)

    return app


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
