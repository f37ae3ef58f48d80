"""`SanicAuth`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from copy import copy
from inspect import isawaitable
from typing import Any, Final, Generic, TypeAlias, cast

from sanic import Blueprint, Sanic
from sanic.blueprint_group import BlueprintGroup
from sanic.exceptions import Forbidden, Unauthorized
from sanic.http import Stage
from sanic.response import BaseHTTPResponse, HTTPResponse, ResponseStream

from authwire.auth import Auth
from authwire.config import AuthConfig
from authwire.core.jar import CookieJar
from authwire.http import Request as AuthRequest
from authwire.http import Response as AuthResponse
from authwire.integrations._blueprint import ENDPOINTS, METHODS, PROVIDER_ENDPOINTS, Mount
from authwire.integrations._paths import Gate, Paths
from authwire.integrations._visit import Handshake, Visit
from authwire.integrations.sanic._guards import Guard, guard
from authwire.integrations.sanic._messages import (
    AnyRequest,
    Refused,
    body_of,
    is_asgi_socket,
    is_handshake,
    request_of,
    to_response,
)
from authwire.models import Session, U
from authwire.passkeys import Passkeys

__all__ = ["SanicAuth"]

Config = AuthConfig[U] | Auth[U] | Callable[[AuthRequest], AuthConfig[U]]
AnyApp: TypeAlias = Sanic[Any, Any]
_VISIT: Final = "authwire"
_SENT: Final = "authwire_sent"
_LAST: Final = 1 << 16
"""Response middleware runs in the order of its priority."""


class SanicAuth(Generic[U]):
    """Authentication for Sanic.

    Args:
        config: an `AuthConfig`, a function that chooses one by request, or an `Auth`.
        app: the app, if it exists already; else call `init_app`.
        url_prefix: where the blueprint is in the app, if that is not the base path: behind a proxy
            that strips ``/app`` it is ``/auth`` while the base path is ``/app/auth``.
        websocket_origins: pages of other origins that may open WebSockets with the session.
    """

    required: Guard
    """Decorator and request middleware: only for people who are signed in.

    Browsers are sent to the sign-in page and come back afterwards; programs get 401; a WebSocket is
    closed.
    """

    def __init__(
        self,
        config: Config[U],
        app: AnyApp | None = None,
        *,
        url_prefix: str | None = None,
        websocket_origins: Iterable[str] = (),
    ) -> None:
        self.auth: Auth[U] = config if isinstance(config, Auth) else Auth(config)
        self.required = self.require(lambda _: True)
        self._prefix = self.auth.base_path() if url_prefix is None else url_prefix.rstrip("/")
        self._origins = frozenset(websocket_origins)
        self._mount = Mount(self.auth)
        self.blueprint = self._blueprint()
        if app is not None:
            self.init_app(app)

    def init_app(self, app: AnyApp) -> None:
        """Add the routes and rolled cookies to ``app``, and close connections when it ends.

        The routes have names: ``app.url_for("auth.signin")``.
        """
        app.blueprint(self.blueprint)
        app.register_middleware(self._with_cookies, "response", priority=_LAST)
        app.add_signal(self._send_cookies_after_all, "http.lifecycle.response")
        app.register_listener(self._close, "after_server_stop")

    def protect(
        self, app: AnyApp | Blueprint | BlueprintGroup, paths: Paths, *, public: Paths = ()
    ) -> None:
        """Let only those see ``paths`` whom the ``authorized`` callback lets in.

        Args:
            app: the app; or a blueprint or a group of them, before the app gets it, if no other paths
                need to be asked about.
            paths: what to protect. See `Paths` for what a pattern means.
            public: exceptions.
        """
        gate = Gate(paths, public, routes=self._prefix)

        async def stop_strangers(request: AnyRequest) -> HTTPResponse | None:
            refusal = await self.visit(request).stopped(gate, request.path)
            if refusal is None:
                return None
            return Refused(request) if is_asgi_socket(request) else to_response(refusal)

        app.on_request(stop_strangers)

    # --- in a handler ---------------------------------------------------------------------------

    def visit(self, request: AnyRequest) -> Visit[U]:
        """The visit of this request."""
        visit = getattr(request.ctx, _VISIT, None)
        if not isinstance(visit, Visit) or visit.auth is not self.auth:
            asked = request_of(request)
            visit = (
                Handshake(self.auth, asked, origins=self._origins)
                if is_handshake(request)
                else Visit(self.auth, asked, jar=CookieJar())
            )
            setattr(request.ctx, _VISIT, visit)
        return cast("Visit[U]", visit)

    async def session(self, request: AnyRequest) -> Session[U] | None:
        """Who is signed in, in a request or a WebSocket. Raises like `Auth.session`."""
        return await self.visit(request).session()

    def current_session(self, request: AnyRequest) -> Session[U]:
        """The session where `required` or `require` has seen that there is one.

        Raises:
            LookupError: if neither did.
        """
        session = self.visit(request)._session  # noqa: SLF001  # read already: nothing to wait for
        if session is None:
            raise LookupError("no session here: put @auth.required on the handler")
        return session

    async def update_session(self, request: AnyRequest, data: Any) -> Session[U] | None:
        """Run the callbacks with ``trigger="update"`` and ``data``, as the client's ``update()`` does.

        The new cookie goes out with the answer.

        Raises:
            RuntimeError: in a WebSocket, whose handshake carries no cookies.
        """
        visit = self.visit(request)
        if visit.jar is None:
            raise RuntimeError("a WebSocket cannot change the session cookie")
        return await visit.update_session(data, visit.jar)

    async def sign_in(
        self,
        request: AnyRequest,
        provider: str | None = None,
        *,
        form: Mapping[str, Any] | None = None,
        callback_url: str | None = None,
        params: Mapping[str, str] | None = None,
    ) -> HTTPResponse:
        """Sign in from a handler of your own; returns the redirect to give. See `Auth.sign_in`."""
        visit = self.visit(request)
        return to_response(
            await visit.sign_in(provider, form=form, callback_url=callback_url, params=params)
        )

    async def sign_out(
        self, request: AnyRequest, *, callback_url: str | None = None, everywhere: bool = False
    ) -> HTTPResponse:
        """End the session; returns the redirect to give, which clears the cookies."""
        visit = self.visit(request)
        return to_response(await visit.sign_out(callback_url=callback_url, everywhere=everywhere))

    def passkeys(self, request: AnyRequest) -> Passkeys[U]:
        """The passkeys of whoever is signed in: ``await auth.passkeys(request).list()``."""
        return self.auth.passkeys(self.visit(request).request)

    def require(self, predicate: Callable[[Session[U]], bool | Awaitable[bool]]) -> Guard:
        """Decorator and request middleware: only for people whose session passes ``predicate``.

        Others get 403.
        """

        async def refuse(request: AnyRequest) -> Callable[[], HTTPResponse] | None:
            session = await self.session(request)
            if session is not None:
                verdict = predicate(session)
                if await verdict if isawaitable(verdict) else verdict:
                    return None
            return lambda: self._refusal(request, session)

        return guard(refuse)

    def _refusal(self, request: AnyRequest, session: Session[U] | None) -> HTTPResponse:
        """What to return or raise. The body of an exception is Sanic's, and the app's handlers see it."""
        if is_asgi_socket(request):
            return Refused(request)
        if session is not None:
            raise Forbidden
        refusal = self.auth.unauthenticated(self.visit(request).request)
        if refusal.location is not None:
            return to_response(refusal)
        raise Unauthorized(
            headers={name: value for name, value in refusal.headers if name != "content-type"}
        )

    # --- routes ---------------------------------------------------------------------------------

    def _blueprint(self) -> Blueprint:
        blueprint = Blueprint("auth", url_prefix=self._prefix or None)

        def add(uri: str, name: str, *parts: str) -> None:
            async def handler(request: AnyRequest, **params: str) -> HTTPResponse:
                return await self._answer(request, "/".join((*parts, *params.values())))

            blueprint.add_route(handler, uri, methods=METHODS, name=name, stream=True)

        for name, action in ENDPOINTS.items():
            add(f"/{action}", name, action)
        for name, action in PROVIDER_ENDPOINTS.items():
            add(f"/{action}/<provider:str>", name, action)
        if self._prefix:  # at the root the other paths are the app's
            add("/<path:path>", "unknown")
            # Sanic prefers the app's "/<a>/<b>" to a path, but not to these.
            for depth in (1, 2, 3):
                add("".join(f"/<part{n}:str>" for n in range(depth)), f"unknown_{depth}")
        return blueprint

    async def _answer(self, request: AnyRequest, tail: str) -> HTTPResponse:
        self.visit(request).disown()  # our answer has its own cookies, whatever was read before
        body = await body_of(request)
        if body is None:
            return to_response(AuthResponse(status=413))
        asked = self._mount.asked(request_of(request, body), tail)
        return to_response(await self.auth.handle(asked))

    def _with_cookies(
        self, request: AnyRequest, response: BaseHTTPResponse | ResponseStream
    ) -> HTTPResponse | None:
        """The last middleware, so that no other is left out if it returns another response."""
        visit = getattr(request.ctx, _VISIT, None)
        nobody_looked = not isinstance(visit, Visit) or not (visit.known or visit.jar)
        if nobody_looked or not isinstance(response, HTTPResponse):
            self._send_cookies(request, response)
            return None
        # A copy: the app may keep one answer for all, and must not keep anybody's cookies in it.
        own = copy(response)
        own.headers = type(response.headers)(response.headers)
        self._send_cookies(request, own)
        return own

    def _send_cookies(
        self, request: AnyRequest, response: BaseHTTPResponse | ResponseStream
    ) -> None:
        visit = getattr(request.ctx, _VISIT, None)
        if not isinstance(visit, Visit) or visit.auth is not self.auth or visit.jar is None:
            return
        earlier, cookies = getattr(request.ctx, _SENT, (None, ()))
        if earlier is response:
            return
        fresh = visit.jar.take()
        visit.jar.add(cookies)  # those that an answer carried which was thrown away
        visit.jar.add(fresh)
        setattr(request.ctx, _SENT, (response, tuple(visit.jar)))
        sent = [(name.lower(), str(value)) for name, value in response.headers.items()]
        for name, value in visit.fields(sent):
            response.headers.add(name, value)

    async def _send_cookies_after_all(
        self, request: AnyRequest, response: BaseHTTPResponse
    ) -> None:
        """For answers that the middleware has not seen, as another one came in between."""
        if request.stream is not None and request.stream.stage is Stage.HANDLER:
            self._send_cookies(request, response)

    async def _close(self, _: AnyApp) -> None:
        await self.auth.aclose()
