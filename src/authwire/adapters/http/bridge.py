"""The other side: an adapter served over HTTP, as an ASGI or a WSGI app."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from hmac import compare_digest
from typing import Any, Final

from authwire.adapters.http.codes import UNKNOWN_FIELD, code_of, secret_bytes
from authwire.adapters.http.methods import METHODS, Method
from authwire.adapters.http.rows import Tables
from authwire.core.database import has
from authwire.errors import AdapterError
from authwire.http import Request, Response
from authwire.models import U, User
from authwire.ports import Adapter, SyncAdapter
from authwire.resolve.adapters import adapter_io, bound_adapter
from authwire.runtime import AnyioRuntime, InlineRuntime, PortalRuntime
from authwire.runtime.asgi import ASGIApp, asgi_app
from authwire.runtime.wsgi import WSGIApp, wsgi_app

__all__ = ["adapter_bridge", "adapter_bridge_wsgi"]

_LOGGER: Final = logging.getLogger("authwire.bridge")
_REFUSED: Final = {UNKNOWN_FIELD: 400, "no_such_user": 404, "no_such_authenticator": 404}
"""The status of a known refusal; that of all others is 409."""


def adapter_bridge(
    adapter: Adapter[U] | SyncAdapter[U],
    *,
    secret: str | Sequence[str],
    user: type[U] | None = None,
) -> ASGIApp:
    """An ASGI app that serves ``adapter``; one that blocks runs in threads.

    The last part of the path names the method, so it may be mounted anywhere. It does no TLS: put it
    behind something that does.

    Args:
        adapter: any adapter, async or not.
        secret: what callers must send, 16 characters or more; several while you change it.
        user: your `User` subclass, if you have one.

    Raises:
        ValueError: if a secret cannot be used.
    """
    return asgi_app(_Bridge(bound_adapter(adapter, AnyioRuntime()), secret, user or User).handle)


def adapter_bridge_wsgi(
    adapter: Adapter[U] | SyncAdapter[U],
    *,
    secret: str | Sequence[str],
    user: type[U] | None = None,
) -> WSGIApp:
    """As `adapter_bridge`, as a WSGI app; an async adapter runs in an event loop of its own."""
    runtime = PortalRuntime() if adapter_io(adapter) == "async" else InlineRuntime()
    bridge = _Bridge(bound_adapter(adapter, runtime), secret, user or User)

    def handle(request: Request) -> Response:
        return runtime.run(bridge.handle(request))

    return wsgi_app(handle)


class _Bridge:
    def __init__(
        self, adapter: Adapter[Any], secret: str | Sequence[str], user: type[User]
    ) -> None:
        secrets = [secret] if isinstance(secret, str) else list(secret)
        if not secrets:
            raise ValueError("the bridge needs a secret")
        self._tokens = [b"Bearer " + secret_bytes(one) for one in secrets]
        self._tables = Tables(user)
        self._calls: dict[str, tuple[str, Method, Callable[..., Awaitable[Any]]]] = {
            method.wire: (name, method, getattr(adapter, name))
            for name, method in METHODS.items()
            if has(adapter, name)
        }

    async def handle(self, request: Request) -> Response:
        """Answer one request."""
        if not self._is_known(request):
            return _refusal(401, "unauthorized", ("www-authenticate", "Bearer"))
        if request.method != "POST":
            return _refusal(405, "post_only", ("allow", "POST"))
        wire = request.path.rpartition("/")[2]
        if wire == "methods":
            return _answer(200, {"result": list(self._calls)})
        if wire not in self._calls:
            return _refusal(404, "unknown_method")
        return await self._called(wire, request.body)

    def _is_known(self, request: Request) -> bool:
        sent = request.headers.get_all("authorization")
        if len(sent) != 1:
            return False
        given = sent[0].encode("utf-8", "replace")
        # All are compared, so that the time tells nothing about which one came close.
        return sum(compare_digest(given, token) for token in self._tokens) > 0

    async def _called(self, wire: str, body: bytes) -> Response:
        name, method, call = self._calls[wire]
        try:
            document = json.loads(body)
            args = document.get("args", []) if isinstance(document, dict) else None
            values = method.unpack_args(self._tables, args)
        except TypeError:
            return _refusal(400, UNKNOWN_FIELD)
        except (ValueError, RecursionError):
            return _refusal(400, "bad_request")
        try:
            return _answer(200, {"result": method.result.pack(self._tables, await call(*values))})
        except AdapterError as exc:
            code = code_of(name, exc)
            if code is not None:
                return _refusal(_REFUSED.get(code, 409), code)
            _LOGGER.error("%s", exc)  # its words are our own
        except Exception as exc:  # noqa: BLE001  # rows that are no JSON: its words may quote them
            _LOGGER.error("%s: the result cannot be sent: %s", name, type(exc).__name__)
        return _refusal(500, "failed")


def _refusal(status: int, code: str, *headers: tuple[str, str]) -> Response:
    return _answer(status, {"error": code.replace("_", " "), "code": code}, *headers)


def _answer(status: int, document: Any, *headers: tuple[str, str]) -> Response:
    body = json.dumps(document, allow_nan=False).encode()
    fixed = (("content-type", "application/json"), ("cache-control", "no-store"))
    return Response(status=status, headers=(*fixed, *headers), body=body)
