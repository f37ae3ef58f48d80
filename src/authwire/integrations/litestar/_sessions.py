"""The session of a connection, read at most once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final, Generic, Self, TypeAlias, cast

from litestar.connection import ASGIConnection, Request, WebSocket

from authwire.auth import Auth
from authwire.config import AuthConfig
from authwire.core.jar import CookieJar
from authwire.http import Request as AuthRequest
from authwire.integrations._scope import publish, visit_in
from authwire.integrations._visit import Handshake, Visit
from authwire.integrations.litestar._paths import sent_path
from authwire.models import Session, U
from authwire.runtime.asgi import Scope, request_of

__all__ = ["Config", "Connection", "Sessions", "show"]

Config = AuthConfig[U] | Auth[U] | Callable[[AuthRequest], AuthConfig[U]]
Connection: TypeAlias = ASGIConnection[Any, Any, Any, Any]

_VISITS: Final = "authwire.visits"


def _native(scope: Scope) -> Connection:
    """Litestar's own object for ``scope``, without a way to read the body."""
    kind: Any = WebSocket if scope["type"] == "websocket" else Request
    native: Connection = kind(scope)
    return native


def _asked(seen: Scope, scope: Scope) -> AuthRequest:
    request = request_of(seen, native=_native(scope))
    path = sent_path(seen)
    return request if request.path == path else replace(request, path=path)


class Sessions(Generic[U]):
    """What the plugin, its guards and its middleware share."""

    def __init__(self, config: Config[U], websocket_origins: Iterable[str]) -> None:
        self.auth: Auth[U] = config if isinstance(config, Auth) else Auth(config)
        self._origins = frozenset(websocket_origins)

    def __deepcopy__(self, memo: Any) -> Self:
        return self  # Litestar copies each router with its guards, middleware and dependencies

    def begun(self, scope: Scope) -> Visit[U] | None:
        """The visit of this connection, if there is one."""
        # Of two plugins in one app, the second publishes over the first.
        return visit_in(scope, self.auth) or scope.get(_VISITS, {}).get(self.auth)

    def begin(self, scope: Scope, *, carried: bool) -> Visit[U]:
        """A visit for ``scope``; ``carried`` says that somebody sends its cookies."""
        seen = dict(scope)  # what comes behind may change it

        def request() -> AuthRequest:
            return _asked(seen, scope)

        visit: Visit[U] = (
            Handshake(self.auth, request, origins=self._origins)
            if scope["type"] == "websocket"
            else Visit(self.auth, request, jar=CookieJar() if carried else None)
        )
        publish(scope, visit)
        scope.setdefault(_VISITS, {})[self.auth] = visit
        return visit

    def visit(self, connection: Connection) -> Visit[U]:
        """The visit of this connection."""
        return self.visit_of(cast("Scope", connection.scope))

    def visit_of(self, scope: Scope) -> Visit[U]:
        """The visit for ``scope``; made here, without a way to send cookies, if there is none."""
        return self.begun(scope) or self.begin(scope, carried=False)

    async def session(self, connection: Connection) -> Session[U] | None:
        """Who is signed in, in a request or a WebSocket. Raises like `Auth.session`."""
        return await self.visit(connection).session()


def show(connection: Connection, session: Session[Any] | None) -> None:
    """Set ``request.user`` and ``request.auth``."""
    scope = cast("Scope", connection.scope)
    scope["user"] = session.user if session is not None else None
    scope["auth"] = session
