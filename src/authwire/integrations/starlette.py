"""Starlette: routes, ``request.user``, decorators, and a middleware that sends rolled cookies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from functools import wraps
from inspect import isawaitable
from typing import Any, Final, Generic, TypeVar, cast, get_args
from urllib.parse import quote, unquote
from weakref import proxy

from authwire.auth import Auth
from authwire.config import AuthConfig
from authwire.core.jar import CookieJar
from authwire.core.route import Action
from authwire.errors import ConfigError, UntrustedHost
from authwire.http import Request as AuthRequest
from authwire.http import Response as AuthResponse
from authwire.integrations._paths import Gate, Paths, with_next
from authwire.integrations._scope import carrying, publish, refuse, seen, visit_in
from authwire.integrations._visit import Handshake, Visit
from authwire.models import Session, U
from authwire.passkeys import Passkeys
from authwire.runtime._callables import is_async_callable
from authwire.runtime.asgi import request_of, route_path, serve

try:
    from starlette.authentication import (
        AuthCredentials,
        AuthenticationBackend,
        BaseUser,
        UnauthenticatedUser,
    )
    from starlette.concurrency import run_in_threadpool
    from starlette.exceptions import HTTPException
    from starlette.middleware import Middleware
    from starlette.requests import HTTPConnection, Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute, Route
    from starlette.types import ASGIApp, Receive, Scope, Send
except ModuleNotFoundError as exc:  # pragma: no cover  # tests have it
    raise ModuleNotFoundError(
        "this needs Starlette: pip install 'authwire[starlette]'", name=exc.name
    ) from exc

__all__ = ["AuthMiddleware", "SessionUser", "StarletteAuth", "StarletteBase", "to_response"]

F = TypeVar("F", bound=Callable[..., Any])
Config = AuthConfig[U] | Auth[U] | Callable[[AuthRequest], AuthConfig[U]]
_PER_PROVIDER: Final[tuple[Action, ...]] = ("signin", "callback", "webauthn-options")


def to_response(response: AuthResponse) -> Response:
    """Authwire's answer as Starlette's, cookies and all."""
    native = Response(response.body, response.status)
    length = [field for field in native.raw_headers if field[0] == b"content-length"]
    native.raw_headers = length + [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in response.wire_headers()
    ]
    return native


class SessionUser(BaseUser, Generic[U]):
    """``request.user`` of somebody who is signed in."""

    def __init__(self, session: Session[U]) -> None:
        self.session = session

    @property
    def user(self) -> U:
        """The user as your own type."""
        return self.session.user

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def display_name(self) -> str:
        user = self.session.user
        return user.name or user.email or user.id

    @property
    def identity(self) -> str:
        """The user's id."""
        return self.session.user.id


def _borrowed(conn: HTTPConnection) -> HTTPConnection:
    """``conn`` for a visit, which must not keep it: it keeps the scope, and so the visit (see `seen`)."""
    return cast("HTTPConnection", proxy(conn))


class _Backend(AuthenticationBackend, Generic[U]):
    def __init__(self, auth: StarletteBase[U]) -> None:
        self._auth = auth

    async def authenticate(
        self, conn: HTTPConnection
    ) -> tuple[AuthCredentials, SessionUser[U]] | None:
        return await _known_in(self._auth.visit(conn))


async def _known_in(visit: Visit[U]) -> tuple[AuthCredentials, SessionUser[U]] | None:
    """What Starlette wants to know of somebody who is signed in."""
    try:
        session = await visit.session()
    except UntrustedHost:
        return None  # nobody is signed in there; a health check by address must not fail
    if session is None:
        return None
    return AuthCredentials(["authenticated"]), SessionUser(session)


class _Endpoint:
    """A route of ours: what is asked below the mount is answered as if below the base path.

    So the routes may be mounted anywhere; the base path is where browsers find them.
    """

    def __init__(self, auth: Auth[Any], action: str | None = None) -> None:
        self._auth = auth
        self._action = action
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        params = scope.get("path_params", {})
        parts = (self._action, params.get("provider")) if self._action else (params.get("path"),)
        tail = "/".join(quote(str(part), safe="/~") for part in parts if part)
        visit = visit_in(scope, self._auth)
        if visit is not None:
            visit.disown()  # our answer has its own cookies, whatever was read before
        request = request_of(scope, native=Request(scope))
        path = f"{self._base_path(request)}/{tail}"
        if request.path != path:
            if unquote(request.path) != unquote(path) and not self._warned:
                self._warn(request, path)
            request = replace(request, path=path)
        await serve(self._handle, request, receive, send)

    async def _handle(self, request: AuthRequest) -> AuthResponse:
        return await self._auth.handle(with_next(request))

    def _base_path(self, request: AuthRequest) -> str:
        try:
            return self._auth.base_path(request)
        except ConfigError:
            return self._auth.base_path()  # handle() tells what is wrong with the tenant's config

    def _warn(self, request: AuthRequest, path: str) -> None:
        self._warned = True
        try:
            log = self._auth.engine(request).log
        except ConfigError:
            return
        log.warning(
            "base-path",
            f"a route is mounted elsewhere than AuthConfig(base_path=…) says: links lead to {path!r}."
            " If a proxy in front puts the two together, all is well",
        )


class AuthMiddleware(Generic[U]):
    """Sets ``request.user`` and ``request.auth``, sends rolled cookies, protects paths.

    Args:
        app: the app to wrap.
        auth: the integration.
        protect: the paths that need the ``authorized`` callback's consent, by default a session. See
            `Paths` for what a pattern means.
        public: exceptions from ``protect``.
        identity: whether to set ``request.user`` and ``request.auth``. For that the session must be
            read before it is known whether a handler looks at it; without, only who asks pays.
    """

    def __init__(
        self,
        app: ASGIApp,
        auth: StarletteBase[U],
        protect: Paths | None = None,
        public: Paths = (),
        *,
        identity: bool = True,
    ) -> None:
        self._app = app
        self._auth = auth
        self._identity = identity
        self._gate = Gate(protect, public, routes=auth.prefix)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        conn = HTTPConnection(scope)
        native, asked = _borrowed(conn), seen(scope)
        visit = self._auth.new_visit(scope, lambda: request_of(asked, native=native), carried=True)
        publish(scope, visit)
        send = carrying(send, visit)
        refusal = await visit.stopped(self._gate, route_path(scope))
        if refusal is not None:
            await refuse(scope, receive, send, refusal)
            return
        if self._identity:
            known = await _known_in(visit) or (AuthCredentials(), UnauthenticatedUser())
            scope["auth"], scope["user"] = known
        await self._app(scope, receive, send)


class StarletteBase(Generic[U]):
    """What `StarletteAuth` and the FastAPI integration share."""

    prefix: str | None = None
    """Where the routes are in the app, if that is known and not the base path."""

    def __init__(self, config: Config[U], *, websocket_origins: Iterable[str] = ()) -> None:
        self.auth: Auth[U] = config if isinstance(config, Auth) else Auth(config)
        self.backend: AuthenticationBackend = _Backend(self)
        self._origins = frozenset(websocket_origins)

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes, for ``Mount("/auth", routes=auth.routes, name="auth")``.

        Those that need no provider have names: ``request.url_for("auth:signin")``.
        """
        return self._routes("")

    def _routes(self, prefix: str) -> list[BaseRoute]:
        actions: tuple[Action, ...] = get_args(Action)
        routes: list[BaseRoute] = []
        if self.auth.base_path():  # at the root the other paths are the app's
            # It answers everything, at the first look; those behind it are there for their names.
            rest = _Endpoint(self.auth)
            routes.append(
                Route(f"{prefix}/{{path:path}}", rest, name="unknown", include_in_schema=False)
            )
        routes += [
            Route(f"{prefix}/{a}", _Endpoint(self.auth, a), name=a, include_in_schema=False)
            for a in actions
        ]
        routes += [
            Route(
                f"{prefix}/{a}/{{provider}}",
                _Endpoint(self.auth, a),
                name=f"{a}_provider",
                include_in_schema=False,
            )
            for a in _PER_PROVIDER
        ]
        return routes

    def middleware(
        self, *, protect: Paths | None = None, public: Paths = (), identity: bool = True
    ) -> Middleware:
        """The middleware, for ``Starlette(middleware=[auth.middleware()])``. See `AuthMiddleware`."""
        return Middleware(
            AuthMiddleware[U], auth=self, protect=protect, public=public, identity=identity
        )

    # --- in a handler ---------------------------------------------------------------------------

    def new_visit(
        self, scope: Scope, request: AuthRequest | Callable[[], AuthRequest], *, carried: bool
    ) -> Visit[U]:
        """A visit for ``scope``; ``carried`` says that somebody sends its cookies."""
        if scope["type"] == "websocket":
            return Handshake(self.auth, request, origins=self._origins)
        return Visit(self.auth, request, jar=CookieJar() if carried else None)

    def visit(self, conn: HTTPConnection) -> Visit[U]:
        """The visit of this request; made here, without a way to send cookies, if there is none."""
        visit = visit_in(conn.scope, self.auth)
        if visit is None:
            asked = request_of(conn.scope, native=_borrowed(conn))
            visit = self.new_visit(conn.scope, asked, carried=False)
            publish(conn.scope, visit)
        return visit

    async def session(self, conn: HTTPConnection) -> Session[U] | None:
        """Who is signed in, in a request or a WebSocket.

        With `middleware` a session in use is rolled on; without it, reading changes nothing. Raises
        like `Auth.session`.
        """
        return await self.visit(conn).session()

    async def update_session(
        self, request: Request, data: Any, *, response: Response | None = None
    ) -> Session[U] | None:
        """Run the callbacks with ``trigger="update"`` and ``data``, as the client's ``update()`` does.

        Args:
            request: the request.
            data: what the callbacks shall see.
            response: takes the cookies. With `middleware` it is not needed.

        Raises:
            RuntimeError: if there is neither, so that the update would be lost.
        """
        visit = self.visit(request)
        jar = CookieJar() if response is not None else visit.jar
        if jar is None:
            raise RuntimeError(
                "update_session changes the session cookie: add auth.middleware() to the app, "
                "or pass the response that is to carry it"
            )
        session = await visit.update_session(data, jar)
        if response is not None:
            visit.drop()
            for cookie in jar:
                response.raw_headers.append((b"set-cookie", cookie.header().encode("latin-1")))
        return session

    async def sign_in(
        self,
        request: Request,
        provider: str | None = None,
        *,
        form: Mapping[str, Any] | None = None,
        callback_url: str | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Response:
        """Sign in from a handler of your own; returns the redirect to give. See `Auth.sign_in`."""
        visit = self.visit(request)
        return to_response(
            await visit.sign_in(provider, form=form, callback_url=callback_url, params=params)
        )

    def passkeys(self, conn: HTTPConnection) -> Passkeys[U]:
        """The passkeys of whoever is signed in: ``await auth.passkeys(request).list()``."""
        return self.auth.passkeys(self.visit(conn).request)

    async def sign_out(
        self, request: Request, *, callback_url: str | None = None, everywhere: bool = False
    ) -> Response:
        """End the session; returns the redirect to give, which clears the cookies."""
        return to_response(
            await self.visit(request).sign_out(callback_url=callback_url, everywhere=everywhere)
        )


class StarletteAuth(StarletteBase[U]):
    """Authentication for Starlette.

    Args:
        config: an `AuthConfig`, a function that chooses one by request, or an `Auth`.
        websocket_origins: pages of other origins that may open WebSockets with the session.
    """

    def required(self, endpoint: F) -> F:
        """Decorator: only for people who are signed in.

        Browsers are sent to the sign-in page and come back afterwards; programs get 401; a WebSocket
        is closed. ``endpoint`` is a function, sync or async, or a method that takes the connection.
        """
        return self.require(lambda _: True)(endpoint)

    def require(
        self, predicate: Callable[[Session[U]], bool | Awaitable[bool]]
    ) -> Callable[[F], F]:
        """Decorator: only for people whose session passes ``predicate``; others get 403."""

        def decorate(endpoint: F) -> F:
            plain = not is_async_callable(endpoint)

            @wraps(endpoint)
            async def guarded(*args: Any, **kwargs: Any) -> Any:
                conn = _connection(args, kwargs)
                session = await self.session(conn)
                if session is None:
                    return await self._turn_away(conn)
                verdict = predicate(session)
                if not (await verdict if isawaitable(verdict) else verdict):
                    if conn.scope["type"] == "websocket":
                        return await cast("Any", conn).close(1008)
                    raise HTTPException(403)
                if plain:
                    return await run_in_threadpool(endpoint, *args, **kwargs)
                return await endpoint(*args, **kwargs)

            return cast("F", guarded)

        return decorate

    async def _turn_away(self, conn: HTTPConnection) -> Response | None:
        if conn.scope["type"] == "websocket":
            await cast("Any", conn).close(1008)
            return None
        return to_response(self.auth.unauthenticated(self.visit(conn).request))


def _connection(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> HTTPConnection:
    for value in (*args, *kwargs.values()):
        if isinstance(value, HTTPConnection):
            return value
    raise TypeError("an endpoint that needs a session must take the request or the WebSocket")
