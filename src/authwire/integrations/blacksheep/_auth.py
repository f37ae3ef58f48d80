"""The integration itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from functools import wraps
from inspect import isasyncgenfunction, isawaitable
from typing import Any, Final, Generic, TypeVar, cast, get_args
from urllib.parse import quote

from blacksheep import Application, Request, Response, WebSocket
from blacksheep.exceptions import Forbidden
from blacksheep.server.authorization import allow_anonymous
from blacksheep.server.csrf import ignore_anti_forgery

from authwire.auth import Auth
from authwire.config import AuthConfig
from authwire.core.route import Action
from authwire.errors import ConfigError
from authwire.http import Request as AuthRequest
from authwire.http import Response as AuthResponse
from authwire.integrations._paths import Gate, Paths, with_next
from authwire.integrations._visit import Visit
from authwire.integrations.blacksheep._app import AuthApplication, Serving, turn_away
from authwire.integrations.blacksheep._identity import (
    Predicate,
    SessionAuthentication,
    SessionRequirement,
)
from authwire.integrations.blacksheep._openapi import describe
from authwire.integrations.blacksheep._translate import (
    SignInRequired,
    body_of,
    to_response,
    visit_of,
)
from authwire.models import Session, U
from authwire.passkeys import Passkeys
from authwire.runtime.asgi import request_of

__all__ = ["BlackSheepAuth"]

F = TypeVar("F", bound=Callable[..., Any])
Config = AuthConfig[U] | Auth[U] | Callable[[AuthRequest], AuthConfig[U]]
Endpoint = Callable[[Request], Awaitable[Response]]
_PER_PROVIDER: Final[tuple[Action, ...]] = ("signin", "callback", "webauthn-options")
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_POLICY_VIOLATION: Final = 1008


class BlackSheepAuth(Generic[U]):
    """Authentication for BlackSheep: ``auth.use(app)``.

    A handler gets the session by asking for it: ``session: Session`` if somebody must be signed in,
    ``session: Session | None = None`` if not. See also `FromSession`.

    Args:
        config: an `AuthConfig`, a function that chooses one by request, or an `Auth`.
        prefix: where the routes are in the app's router, if that is not the base path: in an app that
            is mounted below ``/api``, or whose router has that prefix, it is ``/auth`` while the base
            path is ``/api/auth``.
        websocket_origins: pages of other origins that may open WebSockets with the session.
    """

    def __init__(
        self,
        config: Config[U],
        *,
        prefix: str | None = None,
        websocket_origins: Iterable[str] = (),
    ) -> None:
        self.auth: Auth[U] = config if isinstance(config, Auth) else Auth(config)
        self._prefix = self.auth.base_path() if prefix is None else prefix.rstrip("/")
        self._origins = frozenset(websocket_origins)
        self._endpoints = dict(self._routes())

    def use(
        self,
        app: Application,
        *,
        protect: Paths | None = None,
        public: Paths = (),
        identity: bool = True,
    ) -> None:
        """Add the routes, rolled cookies, ``request.user`` and authorization.

        Args:
            app: the app, before it starts.
            protect: the paths that need the ``authorized`` callback's consent, by default a session.
                See `Paths` for what a pattern means.
            public: exceptions from ``protect``.
            identity: whether BlackSheep shall know who is signed in, for ``request.user`` and
                ``@auth()``. It costs reading the session for each request that brings one; without it
                only those are read that a handler asks for.

        Raises:
            RuntimeError: if the app has started, or has such an integration already.
        """
        if app.started or isinstance(app, AuthApplication):
            raise RuntimeError("call auth.use(app) once, before the app starts")
        gate = Gate(protect, public, routes=self._prefix)
        extended: Any = app
        extended._authwire = Serving(self.auth, gate, origins=self._origins, authorizes=identity)  # noqa: SLF001  # ours
        app.extend(AuthApplication)
        app.exceptions_handlers[SignInRequired] = turn_away
        if identity:
            app.use_authentication().add(SessionAuthentication(self.auth))
        for pattern, endpoint in self._endpoints.items():
            for method in _METHODS:
                app.router.add(method, pattern, endpoint)

    def document(self, docs: Any) -> None:
        """Leave the routes out of OpenAPI documents, and tell of the session cookie.

        Args:
            docs: BlackSheep's ``OpenAPIHandler``.
        """
        describe(docs, self.auth, self._endpoints.values())

    # --- in a handler ---------------------------------------------------------------------------

    def visit(self, request: Request) -> Visit[U]:
        """The visit of this request.

        Raises:
            LookupError: if the app does not `use` this.
        """
        return visit_of(request, self.auth)

    async def session(self, request: Request) -> Session[U] | None:
        """Who is signed in, in a request or a WebSocket. Raises like `Auth.session`."""
        return await self.visit(request).session()

    async def update_session(self, request: Request, data: Any) -> Session[U] | None:
        """Run the callbacks with ``trigger="update"`` and ``data``, as the client's ``update()`` does.

        The new cookie goes out with whatever the handler returns.

        Raises:
            RuntimeError: in a WebSocket, which carries no cookies.
        """
        visit = self.visit(request)
        if visit.jar is None:
            raise RuntimeError(
                "update_session changes the session cookie; a WebSocket carries none"
            )
        return await visit.update_session(data, visit.jar)

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

    async def sign_out(
        self, request: Request, *, callback_url: str | None = None, everywhere: bool = False
    ) -> Response:
        """End the session; returns the redirect to give, which clears the cookies."""
        visit = self.visit(request)
        return to_response(await visit.sign_out(callback_url=callback_url, everywhere=everywhere))

    def passkeys(self, request: Request) -> Passkeys[U]:
        """The passkeys of whoever is signed in: ``await auth.passkeys(request).list()``."""
        return self.auth.passkeys(self.visit(request).request)

    def requirement(self, predicate: Predicate[U] | None = None) -> SessionRequirement[U]:
        """For a policy: ``Policy("admin", auth.requirement(has_role("admin")))``."""
        return SessionRequirement(predicate)

    def required(self, handler: F) -> F:
        """Decorator: only for people who are signed in. See `SignInRequired`.

        A WebSocket is closed. ``handler`` is a function or a method of a controller; it need not take
        the request.

        Raises:
            TypeError: for an async generator, whose answer has begun before it runs.
        """
        return self.require(lambda _: True)(handler)

    def require(self, predicate: Predicate[U]) -> Callable[[F], F]:
        """Decorator: only for people whose session passes ``predicate``; others get 403."""

        def decorate(handler: F) -> F:
            if isasyncgenfunction(handler):
                raise TypeError("a handler that yields is guarded by @auth(), or by a parameter")

            @wraps(handler)
            async def guarded(*args: Any, **kwargs: Any) -> Any:
                request = _request_in((*args, *kwargs.values()))
                try:
                    await self._admit(request, predicate)
                except (SignInRequired, Forbidden):
                    if not isinstance(request, WebSocket):
                        raise
                    return await request.close(_POLICY_VIOLATION)
                result = handler(*args, **kwargs)
                return await result if isawaitable(result) else result

            return cast("F", guarded)

        return decorate

    async def _admit(self, request: Request | None, predicate: Predicate[U]) -> None:
        session = await visit_of(request, self.auth).session()
        if session is None:
            raise SignInRequired
        verdict = predicate(session)
        if not (await verdict if isawaitable(verdict) else verdict):
            raise Forbidden

    # --- routes ---------------------------------------------------------------------------------

    def _routes(self) -> Iterable[tuple[str, Endpoint]]:
        actions: tuple[Action, ...] = get_args(Action)
        for action in actions:
            yield f"{self._prefix}/{action}", self._endpoint(action)
        for action in _PER_PROVIDER:
            tail = f"{action}/{{provider}}"
            yield f"{self._prefix}/{tail}", self._endpoint(tail)
        if self._prefix:  # at the root the other paths are the app's
            yield f"{self._prefix}/*", self._endpoint("{tail}")

    def _endpoint(self, pattern: str) -> Endpoint:
        """A route of ours: what is asked below the prefix is answered as if below the base path."""

        async def authwire(request: Request) -> Response:
            body = await body_of(request)
            if body is None:
                return to_response(AuthResponse(status=413))
            scope: Any = request.scope
            asked = request_of(scope, body, native=request)
            self.visit(request).disown()  # our answer has its own cookies, whatever was read before
            try:
                base_path = self.auth.base_path(asked)
            except ConfigError:
                base_path = self.auth.base_path()  # handle() tells what is wrong with the config
            values = request.route_values or {}
            tail = pattern.format(**{k: quote(v or "", safe="/~") for k, v in values.items()})
            return to_response(
                await self.auth.handle(with_next(replace(asked, path=f"{base_path}/{tail}")))
            )

        untouched: Any = ignore_anti_forgery()  # the routes have their own tokens
        return cast("Endpoint", allow_anonymous()(untouched(authwire)))


def _request_in(values: Iterable[Any]) -> Request | None:
    return next((value for value in values if isinstance(value, Request)), None)
