"""How apps are asked without a socket. What asking costs is part of every figure, the bare one too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from benchmarks import sample

from authwire import AuthConfig

__all__ = [
    "ANSWER",
    "Ask",
    "Call",
    "Framework",
    "Refused",
    "over_asgi",
    "over_protocol",
    "over_wsgi",
]

ANSWER = {"user": sample.PUBLIC}
"""What every route answers."""
_SERVER, _CLIENT = ("127.0.0.1", 8000), ("127.0.0.1", 50000)

Call = Callable[[], Any]
"""Sync, or a coroutine function; returns the body, or raises `Refused`."""
Ask = Callable[[str, str], Call]
"""What asks for a path with a ``Cookie`` header."""


class Refused(Exception):
    """The answer was not 200."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the answer was {status}")
        self.status = status


@dataclass(frozen=True)
class Framework:
    """One way to use Authwire."""

    title: str
    build: Callable[[AuthConfig | None], Any]
    """Makes the app; without a config, the app without Authwire, which has only ``/open``."""
    asking: Callable[[Any], Ask]
    """Begins to serve the app."""


def _whole(status: int, body: bytes) -> bytes:
    if status != 200:
        raise Refused(status)
    return body


# --- ASGI -----------------------------------------------------------------------------------------


def over_asgi(app: Any, *, lifespan: bool = False) -> Ask:
    """Call an ASGI app.

    Args:
        app: the app.
        lifespan: whether it must be told to start before its first request.
    """
    began: asyncio.Task[None] | None = None

    def ask(path: str, cookie: str) -> Call:
        headers = [(n.encode(), v.encode()) for n, v in sample.browser_headers(cookie)]

        async def call() -> bytes:
            nonlocal began
            if lifespan and began is None:
                began = await _begin(app)
            answer = _Answer()
            await app(_scope(path, headers), answer.receive, answer.send)
            return _whole(answer.status, answer.body)

        return call

    return ask


async def _begin(app: Any) -> asyncio.Task[None]:
    """Start an app; the task ends with the loop."""
    up = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if up.is_set():
            await asyncio.Event().wait()
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        if message["type"] != "lifespan.startup.complete":
            raise RuntimeError(message)
        up.set()

    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task: asyncio.Task[None] = asyncio.ensure_future(app(scope, receive, send))
    waiting = asyncio.ensure_future(up.wait())
    await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
    if not up.is_set():
        waiting.cancel()
        await task  # it raises
        raise RuntimeError("the app ended before it had started")
    return task


class _Answer:
    """One exchange, as the app sees it."""

    __slots__ = ("asked", "body", "status")

    def __init__(self) -> None:
        self.asked = False
        self.status = 0
        self.body = b""

    async def receive(self) -> dict[str, Any]:
        if self.asked:
            await asyncio.Event().wait()  # the client stays until it has the answer
        self.asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.body += message.get("body", b"")


def _scope(path: str, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers.copy(),
        "client": _CLIENT,
        "server": _SERVER,
        "state": {},
    }


# --- WSGI -----------------------------------------------------------------------------------------


def over_wsgi(app: Any) -> Ask:
    """Call a WSGI app."""

    def ask(path: str, cookie: str) -> Call:
        fields = {
            f"HTTP_{name.upper().replace('-', '_')}": value
            for name, value in sample.browser_headers(cookie)
        }
        base = {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": _SERVER[0],
            "SERVER_PORT": str(_SERVER[1]),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": _CLIENT[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": None,
            "wsgi.multithread": False,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            **fields,
        }

        def call() -> bytes:
            begun: list[str] = []
            pieces = app(
                {**base, "wsgi.input": BytesIO()},
                lambda status, headers, exc_info=None: begun.append(status),
            )
            try:
                body = b"".join(pieces)
            finally:
                close = getattr(pieces, "close", None)
                if close is not None:
                    close()
            return _whole(int(begun[-1][:3]), body)

        return call

    return ask


# --- servers of their own -------------------------------------------------------------------------


def over_protocol(connect: Callable[[], Awaitable[asyncio.Protocol]]) -> Ask:
    """Talk to a server's own protocol, over a connection that is no socket.

    Args:
        connect: makes a protocol for a new connection.
    """

    def ask(path: str, cookie: str) -> Call:
        lines = [f"GET {path} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in sample.browser_headers(cookie)]
        request = "\r\n".join([*lines, "", ""]).encode()
        wire = _Wire()
        protocol: Any = None

        async def call() -> bytes:
            nonlocal protocol
            if protocol is None:
                protocol = await connect()
                protocol.connection_made(wire)
                await asyncio.sleep(0)
            answer = wire.expect()
            protocol.data_received(request)
            return _whole(*await answer)

        return call

    return ask


class _Wire(asyncio.Transport):
    """Keeps what the server writes until the answer is whole. Answers must tell their length."""

    def __init__(self) -> None:
        super().__init__({"peername": _CLIENT, "sockname": _SERVER})
        self._written = bytearray()
        self._closed = False
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    def expect(self) -> asyncio.Future[tuple[int, bytes]]:
        if self._closed:
            raise ConnectionError("the server has closed the connection")
        self._answer = asyncio.get_running_loop().create_future()
        return self._answer

    def write(self, data: Any) -> None:
        self._written += data
        head, end, body = self._written.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) >= length and self._answer is not None:
            self._answer.set_result((int(head.split(b" ", 2)[1]), bytes(body)))
            self._written.clear()

    def close(self) -> None:
        self._closed = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server has closed the connection"))

    abort = close

    def is_closing(self) -> bool:
        return self._closed

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """There is no buffer."""

    def pause_reading(self) -> None:
        """The next request is sent only after the answer."""

    resume_reading = pause_reading
