"""``falcon.asgi.App``, over `Auth`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from inspect import isawaitable
from typing import Any, Generic

import falcon
from falcon.asgi import App, Request, Response, WebSocket

from authwire.auth import Auth
from authwire.config import AuthConfig
from authwire.core.jar import CookieJar
from authwire.http import MAX_BODY_BYTES
from authwire.http import Request as AuthRequest
from authwire.http import Response as AuthResponse
from authwire.integrations._blueprint import Mount
from authwire.integrations._paths import Gate, Paths
from authwire.integrations._scope import publish, visit_in
from authwire.integrations._visit import Handshake, Visit
from authwire.integrations.falcon._answers import put, refusal, send_cookies, tail, templates
from authwire.integrations.falcon._hooks import Guard, guard
from authwire.models import Session, U
from authwire.passkeys import Passkeys
from authwire.runtime.asgi import Scope, request_of, route_path

__all__ = ["FalconAuth"]

Config = AuthConfig[U] | Auth[U] | Callable[[AuthRequest], AuthConfig[U]]


class FalconAuth(Generic[U]):
    """Authentication for ``falcon.asgi.App``.

    Args:
        config: an `AuthConfig`, a function that chooses one by request, or an `Auth`.
        app: the app, if it exists already; else call `init_app`.
        prefix: where the routes are in the app, if that is not the base path: if the app is mounted
            below ``/app`` it is ``/auth`` while the base path is ``/app/auth``.
        websocket_origins: pages of other origins that may open WebSockets with the session.
    """

    required: Guard
    """Decorator and hook: only for people who are signed in.

    Browsers are sent to the sign-in page and come back afterwards; programs get 401; the handshake of a
    WebSocket is refused.
    """

    def __init__(
        self,
        config: Config[U],
        app: App[Any, Any] | None = None,
        *,
        prefix: str | None = None,
        websocket_origins: Iterable[str] = (),
    ) -> None:
        self.auth: Auth[U] = config if isinstance(config, Auth) else Auth(config)
        self.required = self.require(lambda _: True)
        self._prefix = self.auth.base_path() if prefix is None else prefix.rstrip("/")
        self._origins = frozenset(websocket_origins)
        if app is not None:
            self.init_app(app)

    def init_app(self, app: App[Any, Any]) -> None:
        """Add the routes and rolled cookies to ``app``, and close connections when it ends.

        Raises:
            TypeError: if it is a WSGI app.
        """
        if not isinstance(app, App):
            raise TypeError("a falcon.App is synchronous: it needs SyncFalconAuth")
        routes = _Routes(self, self._prefix)
        for template in templates(self._prefix):
            app.add_route(template, routes)
        app.add_middleware(_Cookies(self))

    def protect(self, app: App[Any, Any], paths: Paths, *, public: Paths = ()) -> None:
        """Let only those see ``paths`` whom the ``authorized`` callback lets in.

        Args:
            app: the app.
            paths: what to protect. See `Paths` for what a pattern means.
            public: exceptions.
        """
        app.add_middleware(_Protection(self, Gate(paths, public, routes=self._prefix)))

    # --- in a responder -------------------------------------------------------------------------

    def visit(self, req: Request) -> Visit[U]:
        """The visit of this request."""
        visit = visit_in(req.scope, self.auth)
        if visit is None:
            request = request_of(_scope_of(req), native=req)
            visit = (
                Handshake(self.auth, request, origins=self._origins)
                if req.is_websocket
                else Visit(self.auth, request, jar=CookieJar())
            )
            publish(req.scope, visit)
        return visit

    async def session(self, req: Request) -> Session[U] | None:
        """Who is signed in, in a request or a WebSocket. Raises like `Auth.session`."""
        return await self.visit(req).session()

    def current_session(self, req: Request) -> Session[U]:
        """The session where `required` or `require` has seen that there is one.

        Raises:
            LookupError: if neither did.
        """
        session = self.visit(req)._session  # noqa: SLF001  # read already: nothing to wait for
        if session is None:
            raise LookupError("no session here: put @auth.required on the responder")
        return session

    async def update_session(self, req: Request, data: Any) -> Session[U] | None:
        """Run the callbacks with ``trigger="update"`` and ``data``, as the client's ``update()`` does.

        The new cookie goes out with the answer.

        Raises:
            RuntimeError: in a WebSocket, whose handshake carries no cookies.
        """
        visit = self.visit(req)
        if visit.jar is None:
            raise RuntimeError("a WebSocket cannot change the session cookie")
        return await visit.update_session(data, visit.jar)

    async def sign_in(
        self,
        req: Request,
        resp: Response,
        provider: str | None = None,
        *,
        form: Mapping[str, Any] | None = None,
        callback_url: str | None = None,
        params: Mapping[str, str] | None = None,
    ) -> None:
        """Sign in from a responder of your own; makes ``resp`` the redirect. See `Auth.sign_in`."""
        visit = self.visit(req)
        put(
            resp,
            await visit.sign_in(provider, form=form, callback_url=callback_url, params=params),
        )

    async def sign_out(
        self,
        req: Request,
        resp: Response,
        *,
        callback_url: str | None = None,
        everywhere: bool = False,
    ) -> None:
        """End the session; makes ``resp`` the redirect, which clears the cookies."""
        visit = self.visit(req)
        put(resp, await visit.sign_out(callback_url=callback_url, everywhere=everywhere))

    def passkeys(self, req: Request) -> Passkeys[U]:
        """The passkeys of whoever is signed in: ``await auth.passkeys(req).list()``."""
        return self.auth.passkeys(self.visit(req).request)

    def require(self, predicate: Callable[[Session[U]], bool | Awaitable[bool]]) -> Guard:
        """Decorator and hook: only for people whose session passes ``predicate``; others get 403."""

        async def hook(req: Request, *_: object) -> None:
            session = await self.session(req)
            if session is None:
                raise self._turned_away(req)
            verdict = predicate(session)
            if not (await verdict if isawaitable(verdict) else verdict):
                raise falcon.HTTPForbidden

        return guard(hook)

    def _turned_away(self, req: Request) -> Exception:
        if req.is_websocket:
            return falcon.HTTPUnauthorized()
        return refusal(self.auth.unauthenticated(self.visit(req).request))


class _Routes:
    """The resource of all routes."""

    def __init__(self, auth: FalconAuth[Any], prefix: str) -> None:
        self._auth = auth
        self._prefix = prefix
        self._mount = Mount(auth.auth)

    async def on_get(self, req: Request, resp: Response, **_: str) -> None:
        """Answer, whatever the method is: the core knows which it serves."""
        self._auth.visit(req).disown()  # our answer has its own cookies, whatever was read before
        body = await req.stream.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            put(resp, AuthResponse(status=413))
            return
        request = request_of(_scope_of(req), body, native=req)
        asked = self._mount.asked(request, tail(req.path, self._prefix))
        put(resp, await self._auth.auth.handle(asked))

    on_head = on_post = on_put = on_patch = on_delete = on_options = on_get


class _Cookies:
    """Sends rolled cookies."""

    def __init__(self, auth: FalconAuth[Any]) -> None:
        self._auth = auth

    async def process_response(self, req: Request, resp: Response, *_: Any, **__: Any) -> None:
        visit = visit_in(req.scope, self._auth.auth)
        if visit is not None:
            send_cookies(resp, visit)

    async def process_shutdown(self, *_: object) -> None:
        await self._auth.auth.aclose()


class _Protection:
    """Asks the ``authorized`` callback."""

    def __init__(self, auth: FalconAuth[Any], gate: Gate) -> None:
        self._auth = auth
        self._gate = gate

    async def process_request(self, req: Request, resp: Response) -> None:
        answer = await self._stopped(req)
        if answer is not None:
            put(resp, answer)
            resp.complete = True

    async def process_request_ws(self, req: Request, _: WebSocket) -> None:
        if await self._stopped(req) is not None:
            raise falcon.HTTPForbidden

    async def _stopped(self, req: Request) -> AuthResponse | None:
        return await self._auth.visit(req).stopped(self._gate, route_path(req.scope), req.path)


def _scope_of(req: Request) -> Scope:
    """The scope; what can be read only once, as in Falcon's own test client, Falcon has read already."""
    if not isinstance(req.scope["headers"], Iterator):
        return req.scope
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in req.headers.items()
    ]
    return {**req.scope, "headers": headers, "client": (req.remote_addr, 0), "server": None}
