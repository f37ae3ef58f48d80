"""Ways to an app in the same process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from io import BytesIO
from typing import Any, Final, Protocol
from urllib.parse import unquote

import anyio
import httpx2

from authwire.http import Headers, Request, Response
from authwire.runtime.asgi import ASGIApp, Message, Scope
from authwire.runtime.wsgi import Environ, WSGIApp

__all__ = [
    "Handler",
    "Reply",
    "Transport",
    "over_asgi",
    "over_handler",
    "over_network",
    "over_network_sync",
    "over_wsgi",
]

Handler = Callable[[Request], Response | Awaitable[Response]]
_PATIENCE: Final = 30.0
"""Seconds to wait for a server."""
Reply = tuple[int, Headers, bytes]


class Transport(Protocol):
    """Takes a request to the app."""

    async def __call__(self, request: Request) -> Reply: ...


def over_handler(handle: Handler) -> Transport:
    """Straight to ``Auth.handle`` or ``SyncAuth.handle``."""

    async def send(request: Request) -> Reply:
        answer = handle(request)
        response = await answer if isawaitable(answer) else answer
        return response.status, Headers(response.wire_headers()), response.body

    return send


def over_asgi(app: ASGIApp, root_path: str) -> Transport:
    """To an ASGI app, which gets no lifespan events."""

    async def send(request: Request) -> Reply:
        sent: list[Message] = []
        waiting: list[Message] = [{"type": "http.request", "body": request.body}]
        answered = anyio.Event()

        async def receive() -> Message:
            if waiting:
                return waiting.pop()
            await answered.wait()  # some frameworks stop as soon as the client leaves
            return {"type": "http.disconnect"}

        async def collect(message: Message) -> None:
            sent.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                answered.set()

        await app(_scope(request, root_path), receive, collect)
        starts = [message for message in sent if message["type"] == "http.response.start"]
        if len(starts) != 1:
            raise AssertionError(f"the app sent {len(starts)} answers")
        headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in starts[0]["headers"]]
        bodies = (m.get("body", b"") for m in sent if m["type"] == "http.response.body")
        return starts[0]["status"], Headers(headers), b"".join(bodies)

    return send


def _scope(request: Request, root_path: str) -> Scope:
    host, _, port = request.host.partition(":")
    raw = f"{request.path}?{request.query_string}" if request.query_string else request.path
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.scheme,
        "path": unquote(request.path),
        "raw_path": raw.encode("latin-1").partition(b"?")[0],
        "query_string": request.query_string.encode("latin-1"),
        "root_path": root_path,
        "headers": [(k.encode("latin-1"), v.encode("latin-1")) for k, v in request.headers],
        "client": ("127.0.0.1", 50000),
        "server": (host, int(port or (443 if request.scheme == "https" else 80))),
        "state": {},
    }


def over_wsgi(app: WSGIApp, script_name: str) -> Transport:
    """To a WSGI app, called in this thread."""

    async def send(request: Request) -> Reply:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
            started[:] = [(status, headers)]
            return lambda _: None

        parts = app(_environ(request, script_name), start_response)
        try:
            body = b"".join(parts)
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()
        status, headers = started[0]
        return int(status.split(" ", 1)[0]), Headers(headers), body

    return send


def _environ(request: Request, script_name: str) -> Environ:
    host, _, port = request.host.partition(":")
    path = unquote(request.path, "latin-1")
    environ: Environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": script_name,
        "PATH_INFO": path.removeprefix(script_name),
        "QUERY_STRING": request.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port or ("443" if request.scheme == "https" else "80"),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": _Errors(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        if name == "content-type":
            environ["CONTENT_TYPE"] = value
        elif name == "content-length":
            environ["CONTENT_LENGTH"] = value
        else:
            key = f"HTTP_{name.upper().replace('-', '_')}"
            environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


def over_network(address: str) -> Transport:
    """To a server that listens at ``address``, from an event loop."""

    async def send(request: Request) -> Reply:
        async with httpx2.AsyncClient(trust_env=False, timeout=_PATIENCE) as client:
            answer = await client.send(_httpx_request(request, address))
        return answer.status_code, Headers(answer.headers.multi_items()), answer.content

    return send


def over_network_sync(address: str) -> Transport:
    """To a server that listens at ``address``; blocks while it waits."""

    async def send(request: Request) -> Reply:
        with httpx2.Client(trust_env=False, timeout=_PATIENCE) as client:
            answer = client.send(_httpx_request(request, address))
        return answer.status_code, Headers(answer.headers.multi_items()), answer.content

    return send


def _httpx_request(request: Request, address: str) -> httpx2.Request:
    # The browser's own idea of the host goes into the Host field.
    fields = [(name, value) for name, value in request.headers if name != "content-length"]
    url = f"{address}{request.target}"
    return httpx2.Request(request.method, url, headers=fields, content=request.body or None)


class _Errors:
    """``wsgi.errors``; an app that writes to it in a test has something to say."""

    def write(self, text: str) -> int:
        raise AssertionError(f"the app reported: {text}")

    def writelines(self, lines: list[str]) -> None:
        self.write("".join(lines))

    def flush(self) -> None:
        """Nothing is held back."""
