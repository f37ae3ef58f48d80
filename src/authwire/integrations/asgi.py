"""Any ASGI app: routes, session and path protection by one middleware."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic

from authwire.auth import Auth
from authwire.core.jar import CookieJar
from authwire.errors import ConfigError
from authwire.http import Request, Response
from authwire.integrations._paths import Gate, Paths, is_below, is_ours, with_next
from authwire.integrations._scope import carrying, publish, refuse, seen, visit_in
from authwire.integrations._visit import Handshake, Visit
from authwire.models import Session, U
from authwire.runtime.asgi import (
    ASGIApp,
    Receive,
    Scope,
    Send,
    path_of,
    request_of,
    route_path,
    serve,
)

__all__ = ["AuthMiddleware", "Visit", "session"]


class AuthMiddleware(Generic[U]):
    """Serves everything below the base path, and tells the wrapped app who is signed in.

    The app reads the session with ``await scope["authwire"].session()`` (or, with type checks,
    ``await session(scope, auth)``); nothing is decrypted before. Cookies that reading or updating the
    session made are sent with the answer.

    Args:
        app: the app to wrap.
        auth: the authentication.
        protect: the paths that need the ``authorized`` callback's consent, by default a session. See
            `Paths` for what a pattern means.
        public: exceptions from ``protect``.
        websocket_origins: pages of other origins that may open WebSockets with the session.
    """

    def __init__(
        self,
        app: ASGIApp,
        auth: Auth[U],
        *,
        protect: Paths | None = None,
        public: Paths = (),
        websocket_origins: Iterable[str] = (),
    ) -> None:
        self.app = app
        self.auth = auth
        self._gate = Gate(protect, public)
        self._origins = frozenset(websocket_origins)
        self._base_path = auth.base_path() if auth.config is not None else ""
        """Where the routes are, if one look at the path tells."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        visit: Visit[U]
        asked = seen(scope)
        if scope["type"] == "http":
            visit = Visit(self.auth, lambda: request_of(asked), jar=CookieJar())
            if self._is_ours(scope, visit):
                await serve(self._handle, visit.request, receive, send)
                return
        else:
            visit = Handshake(self.auth, lambda: request_of(asked), origins=self._origins)
        publish(scope, visit)
        send = carrying(send, visit)
        refusal = await visit.stopped(self._gate, route_path(scope))
        if refusal is not None:
            await refuse(scope, receive, send, refusal)
            return
        await self.app(scope, receive, send)

    async def _handle(self, request: Request) -> Response:
        return await self.auth.handle(with_next(request))

    def _is_ours(self, scope: Scope, visit: Visit[U]) -> bool:
        if self._base_path:
            return is_below(path_of(scope), self._base_path)
        request = visit.request
        try:
            return is_ours(request, self.auth.base_path(request))
        except ConfigError:
            # handle() tells what is wrong with the tenant's config
            return is_ours(request, self.auth.base_path())


async def session(scope: Scope, auth: Auth[U]) -> Session[U] | None:
    """Who is signed in, inside an app that `AuthMiddleware` wraps.

    Raises:
        LookupError: if it does not.
        AuthError: see `Auth.session`.
    """
    visit = visit_in(scope, auth)
    if visit is None:
        raise LookupError("no session here: wrap the app in AuthMiddleware(app, auth)")
    return await visit.session()
