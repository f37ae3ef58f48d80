"""Requests to providers, over httpx2 or any client with the same methods.

Every exchange has a time limit and a size limit, follows no redirect and keeps no cookies: one
client serves all users, and a cookie of one sign-in must not travel with the next.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from authwire.errors import ProviderUnreachable
from authwire.http import Headers, HttpRequest, HttpResponse
from authwire.protocol.urls import require_https

if TYPE_CHECKING:
    import ssl

__all__ = ["MAX_RESPONSE_BYTES", "AsyncHttp", "SyncHttp"]

MAX_RESPONSE_BYTES = 1 << 20
"""Largest answer accepted, counted after decompression."""

_CONNECT_SECONDS = 5.0
_TOTAL_SECONDS = 10.0
# An injected client has time limits of its own; this one only ends what would never end.
_TOTAL_SECONDS_INJECTED = 60.0
# Errors whose text names a socket, a certificate or a state, never something that we sent.
_TELLING = frozenset({"ConnectError", "ConnectTimeout", "ProxyError", "RuntimeError"})


class AsyncHttp:
    """`Http` for async apps.

    Args:
        client: an ``httpx2.AsyncClient`` or its like, with the proxy, CA and time limits you need;
            it stays yours to close. Without one, each event loop gets a client when it first needs
            one, because connections belong to a loop.
    """

    def __init__(self, client: Any = None) -> None:
        if client is not None and not inspect.iscoroutinefunction(getattr(client, "send", None)):
            raise TypeError("an async app needs an async HTTP client, such as httpx2.AsyncClient")
        self._injected = client
        self._clients: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send ``request`` and read the whole answer. See `Http.send`."""
        import anyio  # only requests to providers need it here, as they need httpx2

        require_https(request.url, "provider URL")
        limit = _TOTAL_SECONDS if self._injected is None else _TOTAL_SECONDS_INJECTED
        try:
            with anyio.fail_after(limit):
                return await self._exchange(self._client(), request)
        except ProviderUnreachable:
            raise
        except Exception as exc:  # noqa: BLE001  # an injected client has error classes of its own
            # Without the cause: it may quote a header, and with it a token.
            raise _unreachable(request, _reason(exc)) from None

    async def aclose(self) -> None:
        """Close the client of the running event loop. The next `send` opens another."""
        if (client := self._clients.pop(_running_loop(), None)) is not None:
            await client.aclose()

    async def _exchange(self, client: Any, request: HttpRequest) -> HttpResponse:
        response = await client.send(
            _build(client, request), stream=True, auth=None, follow_redirects=False
        )
        body = bytearray()
        try:
            async with contextlib.aclosing(response.aiter_bytes()) as chunks:
                async for chunk in chunks:
                    _take(body, chunk, request)
        finally:
            await response.aclose()
        return _answer(response, body)

    def _client(self) -> Any:
        if self._injected is not None:
            return self._injected
        loop = _running_loop()
        client = self._clients.get(loop)
        if client is None:
            import httpx2

            client = self._clients[loop] = httpx2.AsyncClient(**_client_options())
        return client


class SyncHttp:
    """`Http` for sync apps. `send` is a coroutine that never waits, so `drive` can run it.

    Args:
        client: an ``httpx2.Client`` or its like, yours to close. Without one, each process makes
            its own when first needed, because a forked child must not share its parent's connections.
    """

    def __init__(self, client: Any = None) -> None:
        if client is not None and inspect.iscoroutinefunction(getattr(client, "send", None)):
            raise TypeError("a sync app needs a sync HTTP client, such as httpx2.Client")
        self._injected = client
        self._clients: dict[int, Any] = {}

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send ``request`` and read the whole answer. See `Http.send`."""
        require_https(request.url, "provider URL")
        limit = _TOTAL_SECONDS if self._injected is None else _TOTAL_SECONDS_INJECTED
        try:
            return self._exchange(self._client(), request, time.monotonic() + limit)
        except ProviderUnreachable:
            raise
        except Exception as exc:  # noqa: BLE001  # an injected client has error classes of its own
            # Without the cause: it may quote a header, and with it a token.
            raise _unreachable(request, _reason(exc)) from None

    def close(self) -> None:
        """Close this process' client. The next `send` opens another."""
        if (client := self._clients.pop(os.getpid(), None)) is not None:
            client.close()

    def _exchange(self, client: Any, request: HttpRequest, deadline: float) -> HttpResponse:
        response = client.send(
            _build(client, request), stream=True, auth=None, follow_redirects=False
        )
        body = bytearray()
        try:
            with contextlib.closing(response.iter_bytes()) as chunks:
                for chunk in chunks:
                    # Each read has its own time limit; many slow ones together need this one.
                    if time.monotonic() > deadline:
                        raise _unreachable(request, "the answer took too long")
                    _take(body, chunk, request)
        finally:
            response.close()
        return _answer(response, body)

    def _client(self) -> Any:
        if self._injected is not None:
            return self._injected
        pid = os.getpid()
        if pid not in self._clients:
            import httpx2

            # Two threads at once may both make a client; one of them is used once and dropped.
            self._clients[pid] = httpx2.Client(**_client_options())
        return self._clients[pid]


def _running_loop() -> object:
    import anyio.lowlevel

    return anyio.lowlevel.current_token().native_token


def _client_options() -> dict[str, Any]:
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    import httpx2

    return {
        "timeout": httpx2.Timeout(_TOTAL_SECONDS, connect=_CONNECT_SECONDS),
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=())),
        "verify": _tls_context(),
    }


@functools.cache
def _tls_context() -> ssl.SSLContext:
    # Loading the CA certificates takes longer than a request, so all clients share them.
    import httpx2

    return httpx2.create_ssl_context()


@functools.cache
def _user_agent() -> str:
    import importlib.metadata

    try:
        return f"authwire/{importlib.metadata.version('authwire')}"
    except importlib.metadata.PackageNotFoundError:  # run from a source tree
        return "authwire"


def _build(client: Any, request: HttpRequest) -> Any:
    """The client's own request object, with our defaults and without its cookies."""
    headers = {
        "user-agent": _user_agent(),
        "accept": "application/json",
        # The answers are small. What arrives compressed all the same is read in bounded pieces.
        "accept-encoding": "identity",
    }
    headers.update((name.lower(), value) for name, value in request.headers)
    built = client.build_request(request.method, request.url, headers=headers, content=request.body)
    if "cookie" not in headers and "cookie" in built.headers:
        del built.headers["cookie"]
    return built


def _take(body: bytearray, chunk: bytes, request: HttpRequest) -> None:
    if len(body) + len(chunk) > MAX_RESPONSE_BYTES:
        raise _unreachable(request, f"the answer is over {MAX_RESPONSE_BYTES} bytes")
    body += chunk


def _answer(response: Any, body: bytearray) -> HttpResponse:
    headers = Headers(response.headers.multi_items())
    return HttpResponse(status=response.status_code, headers=headers, body=bytes(body))


def _reason(exc: Exception) -> str:
    if isinstance(exc, TimeoutError):
        return "time-out"
    name = type(exc).__name__
    text = str(exc)
    return f"{name}: {text}" if text and name in _TELLING else name


def _unreachable(request: HttpRequest, reason: str) -> ProviderUnreachable:
    """The error for the log. The query and any user part of the URL may be secret: left out."""
    parts = urlsplit(request.url)
    host = parts.netloc.rpartition("@")[2]
    return ProviderUnreachable(f"{request.method} {parts.scheme}://{host}{parts.path}: {reason}")
