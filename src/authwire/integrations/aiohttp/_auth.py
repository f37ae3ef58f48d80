"""`AioHttpAuth`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import wraps
from inspect import isawaitable
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from authwire.auth import Auth
from authwire.config import AuthConfig
from authwire.core.jar import CookieJar
from authwire.http import Request as AuthRequest
from authwire.http import Response as AuthResponse
from authwire.integrations._blueprint import ENDPOINTS, PROVIDER_ENDPOINTS, Mount
from authwire.integrations._paths import Gate, Paths
from authwire.integrations._visit import Handshake, Visit
from authwire.integrations.aiohttp._messages import (
    Unasked,
    guard_view,
    path_in_app,
    read_request,
    refuse,
    request_in,
    request_of,
    to_response,
    visits_of,
)
from authwire.models import Session, U
from authwire.passkeys import Passkeys

__all__ = ["AioHttpAuth"]

F = TypeVar("F", bound=Callable[..., Any])
Config = AuthConfig[U] | Auth[U] | Callable[[AuthRequest], AuthConfig[U]]


class AioHttpAuth(Generic[U]):
    """Authentication for aiohttp.

    Args:
        config: an `AuthConfig`, a function that chooses one by request, or an `Auth`.
        prefix: where the routes are in the app, if that is not the base path: in a sub-app at ``/api``
            it is ``/auth`` while the base path is ``/api/auth``.
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
        self._mount = Mount(self.auth)
        self._origins = frozenset(websocket_origins)

    def setup(self, app: web.Application) -> None:
        """Add the routes and rolled cookies to ``app``, and close connections when it ends.

        Handlers of its sub-apps have sessions too. The routes have names:
        ``app.router["auth.signin"].url_for()``.
        """
        for endpoint, action in ENDPOINTS.items():
            self._add_route(app, f"/{action}", endpoint, action)
        for endpoint, action in PROVIDER_ENDPOINTS.items():
            self._add_route(app, f"/{action}/{{provider}}", endpoint, action)
        if self._prefix:  # at the root the other paths are the app's
            self._add_route(app, "/{path:.+}", "unknown")
        app.middlewares.append(self._begin_visit)
        app.on_response_prepare.append(self._send_cookies)
        app.on_cleanup.append(self._close)

    def middleware(self, *, protect: Paths, public: Paths = ()) -> Middleware:
        """A middleware, for ``web.Application(middlewares=[auth.middleware(protect=["/account/*"])])``.

        Args:
            protect: the paths that need the ``authorized`` callback's consent, by default a session.
                See `Paths` for what a pattern means.
            public: exceptions from ``protect``.
        """
        gate = Gate(protect, public, routes=self._prefix)

        @web.middleware
        async def stop_strangers(request: web.Request, handler: Handler) -> web.StreamResponse:
            visit = self.visit(request)
            refusal = await visit.stopped(gate, request.path, path_in_app(request))
            return await handler(request) if refusal is None else refuse(visit, refusal)

        return stop_strangers

    # --- in a handler ---------------------------------------------------------------------------

    def visit(self, request: web.Request) -> Visit[U]:
        """The visit of this request, or of the WebSocket that it opens."""
        visits = visits_of(request)
        found = visits.get(self.auth)
        if isinstance(found, Visit):
            return found
        if found is None:
            apps = request.match_info.apps
            carried = any(self._send_cookies in app.on_response_prepare for app in apps)
            visit = self._new_visit(request, carried=carried)
        else:
            visit = self._new_visit(found.request or request, carried=found.carried)
        visits[self.auth] = visit
        return visit

    def _new_visit(self, request: web.Request, *, carried: bool) -> Visit[U]:
        asked = request_of(request)
        # WebSocketResponse takes the same ones for a handshake, and no others.
        if request.headers.get("upgrade", "").lower().strip() == "websocket":
            return Handshake(self.auth, asked, origins=self._origins)
        return Visit(self.auth, asked, jar=CookieJar() if carried else None)

    async def session(self, request: web.Request) -> Session[U] | None:
        """Who is signed in, in a request or a WebSocket.

        In an app after `setup` a session in use is rolled on; elsewhere, and once the answer has
        begun, reading changes nothing. Raises like `Auth.session`.
        """
        return await self.visit(request).session()

    async def update_session(self, request: web.Request, data: Any) -> Session[U] | None:
        """Run the callbacks with ``trigger="update"`` and ``data``, as the client's ``update()`` does.

        The new cookie goes out with whatever the handler returns or raises.

        Raises:
            RuntimeError: if nothing can carry it: in a WebSocket, when the answer has begun, or in
                an app without `setup`.
        """
        visit = self.visit(request)
        if visit.jar is None:
            raise RuntimeError(
                "update_session changes the session cookie: call auth.setup(app), and update"
                " before the answer begins"
            )
        return await visit.update_session(data, visit.jar)

    async def sign_in(
        self,
        request: web.Request,
        provider: str | None = None,
        *,
        form: Mapping[str, Any] | None = None,
        callback_url: str | None = None,
        params: Mapping[str, str] | None = None,
    ) -> web.Response:
        """Sign in from a handler of your own; returns the redirect to give. See `Auth.sign_in`."""
        visit = self.visit(request)
        return to_response(
            await visit.sign_in(provider, form=form, callback_url=callback_url, params=params)
        )

    async def sign_out(
        self, request: web.Request, *, callback_url: str | None = None, everywhere: bool = False
    ) -> web.Response:
        """End the session; returns the redirect to give, which clears the cookies."""
        return to_response(
            await self.visit(request).sign_out(callback_url=callback_url, everywhere=everywhere)
        )

    def passkeys(self, request: web.Request) -> Passkeys[U]:
        """The passkeys of whoever is signed in: ``await auth.passkeys(request).list()``."""
        return self.auth.passkeys(self.visit(request).request)

    def required(self, handler: F) -> F:
        """Decorator: only for people who are signed in.

        Browsers are sent to the sign-in page and come back afterwards (``web.HTTPFound``); programs
        get ``web.HTTPUnauthorized``, a WebSocket ``web.HTTPForbidden``. ``handler`` is a function or a
        method that takes the request, a `web.View`, or a method of one.
        """
        return self.require(lambda _: True)(handler)

    def require(
        self, predicate: Callable[[Session[U]], bool | Awaitable[bool]]
    ) -> Callable[[F], F]:
        """Decorator: only for people whose session passes ``predicate``; others get 403."""

        async def stop(request: web.Request) -> web.StreamResponse | None:
            visit = self.visit(request)
            session = await visit.session()
            if session is None:
                return refuse(visit, self.auth.unauthenticated(visit.request))
            verdict = predicate(session)
            if not (await verdict if isawaitable(verdict) else verdict):
                raise web.HTTPForbidden
            return None

        def decorate(handler: F) -> F:
            view: object = handler
            if isinstance(view, type):
                guard_view(view, stop)
                return handler

            @wraps(handler)
            async def guarded(*args: Any, **kwargs: Any) -> Any:
                refusal = await stop(request_in(args, kwargs))
                return await handler(*args, **kwargs) if refusal is None else refusal

            return cast("F", guarded)

        return decorate

    # --- routes ---------------------------------------------------------------------------------

    def _add_route(self, app: web.Application, path: str, endpoint: str, *parts: str) -> None:
        async def answer(request: web.Request) -> web.Response:
            return await self._answer(request, "/".join((*parts, *request.match_info.values())))

        app.router.add_route("*", self._prefix + path, answer, name=f"auth.{endpoint}")

    async def _answer(self, request: web.Request, tail: str) -> web.Response:
        self.visit(request).disown()  # our answer has its own cookies, whatever was read before
        try:
            asked = await read_request(request)
        except web.HTTPRequestEntityTooLarge:
            return to_response(AuthResponse(status=413))
        asked = self._mount.asked(asked, quote(tail, safe="/~"))
        return to_response(await self.auth.handle(asked))

    @web.middleware
    async def _begin_visit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        visits_of(request).setdefault(self.auth, Unasked(request))
        return await handler(request)

    async def _send_cookies(self, request: web.Request, response: web.StreamResponse) -> None:
        visit = visits_of(request).get(self.auth)
        # Who reads the session only after this must not roll it on.
        if isinstance(visit, Unasked):
            visit.close()
        elif visit is not None and not isinstance(visit, Handshake):
            for name, value in visit.fields((k.lower(), v) for k, v in response.headers.items()):
                response.headers.add(name, value)
            visit.jar = None

    async def _close(self, _: web.Application) -> None:
        await self.auth.aclose()
