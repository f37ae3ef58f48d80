"""Sends rolled cookies, protects paths, reads the session ahead where that is wanted."""

from __future__ import annotations

from typing import Any, Generic, cast

from litestar.middleware.authentication import (
    AbstractAuthenticationMiddleware,
    AuthenticationResult,
)
from litestar.types import ASGIApp, Receive, Scope, Send

from authwire.errors import UntrustedHost
from authwire.integrations._paths import Gate, Paths
from authwire.integrations._scope import carrying, refuse
from authwire.integrations.litestar._paths import routed_paths
from authwire.integrations.litestar._routes import is_ours
from authwire.integrations.litestar._sessions import Connection, Sessions
from authwire.models import U
from authwire.runtime.asgi import Scope as AnyScope

__all__ = ["AuthMiddleware", "Authentication"]


class AuthMiddleware(Generic[U]):
    """Sends the cookies of the session along with every answer, and protects paths.

    The plugin puts one around the whole app; another one, inside, only protects.

    Args:
        app: what comes next.
        auth: the plugin.
        protect: the paths that need the ``authorized`` callback's consent, by default a session. See
            `Paths` for what a pattern means.
        public: exceptions from ``protect``.
    """

    def __init__(
        self,
        app: ASGIApp,
        auth: Sessions[U],
        protect: Paths | None = None,
        public: Paths = (),
    ) -> None:
        self.app = app
        self._auth = auth
        self._gate = Gate(protect, public)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = cast("AnyScope", scope)
        visit = self._auth.begun(asked)
        if visit is None:
            visit = self._auth.begin(asked, carried=True)
            send = cast("Any", carrying(cast("Any", send), visit))
        if self._gate.closed and not is_ours(asked.get("route_handler")):
            refusal = await visit.stopped(self._gate, *routed_paths(asked))
            if refusal is not None:
                await refuse(asked, cast("Any", receive), cast("Any", send), refusal)
                return
        await self.app(scope, receive, send)


class Authentication(AbstractAuthenticationMiddleware, Generic[U]):
    """The middleware of `LitestarAuth.authentication`."""

    def __init__(self, app: ASGIApp, auth: Sessions[U], **options: Any) -> None:
        super().__init__(app, **options)
        self._auth = auth

    async def authenticate_request(self, connection: Connection) -> AuthenticationResult:
        try:
            session = await self._auth.session(connection)
        except UntrustedHost:
            session = None  # nobody is signed in there; a health check by address must not fail
        return AuthenticationResult(user=session.user if session else None, auth=session)
