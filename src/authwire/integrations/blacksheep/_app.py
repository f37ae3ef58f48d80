"""What is added to an application: visits, their cookies, and path protection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from blacksheep import Application, Request, Response
from blacksheep.common import extend
from blacksheep.exceptions import Unauthorized
from blacksheep.server.authorization import handle_unauthorized
from guardpost import UnauthorizedError

from authwire.auth import Auth
from authwire.core.jar import CookieJar
from authwire.http import Headers
from authwire.http import Request as AuthRequest
from authwire.http import Response as AuthResponse
from authwire.integrations._paths import Gate
from authwire.integrations._scope import carrying, publish, refuse, visit_in
from authwire.integrations._visit import Handshake, Visit
from authwire.integrations.blacksheep._binding import learn
from authwire.integrations.blacksheep._translate import (
    CURRENT,
    SignInRequired,
    native_of,
    to_response,
    visit_of,
)
from authwire.runtime.asgi import Receive, Scope, Send, request_of, route_path

__all__ = ["AuthApplication", "Serving", "turn_away"]


class Serving:
    """How one application serves with one `BlackSheepAuth`."""

    def __init__(
        self, auth: Auth[Any], gate: Gate, *, origins: frozenset[str], authorizes: bool
    ) -> None:
        self.auth = auth
        self.gate = gate
        self.origins = origins
        self.authorizes = authorizes

    def begin(self, scope: Scope) -> Visit[Any]:
        visit = visit_in(scope, self.auth)
        if visit is None:
            seen = dict(scope)  # what comes behind may change it

            def request() -> AuthRequest:
                return request_of(seen, native=native_of(scope))

            visit = (
                Handshake(self.auth, request, origins=self.origins)
                if scope["type"] == "websocket"
                else Visit(self.auth, request, jar=CookieJar())
            )
            publish(scope, visit)
        return visit

    async def stopped(self, visit: Visit[Any], scope: Scope) -> AuthResponse | None:
        """The refusal, if the path is protected and the ``authorized`` callback says no.

        BlackSheep's routes match in any case of letters, so the callback is asked about the path in
        small letters too.
        """
        if not self.gate.closed:
            return None
        path, asked = route_path(scope), visit.request
        refusal = await visit.stopped(self.gate, path)
        small = asked.path.lower()
        if refusal is None and small != asked.path:
            visit.request = replace(asked, path=small)
            try:
                refusal = await visit.stopped(self.gate, path.lower())
            finally:
                visit.request = asked
        return refusal


class AuthApplication(Application):
    """Extends an application, in front of whatever else extends it."""

    _authwire: Serving

    def extend(self, mixin: Any) -> None:
        """Keep this in front, so that mounted apps are protected too."""
        self.__class__ = type(self).__bases__[1]
        plain: Any = self
        plain.extend(mixin)
        extend(self, AuthApplication)  # type: ignore[no-untyped-call]  # BlackSheep's

    def _parent(self) -> Any:
        return super()  # BlackSheep has types only here and there

    async def start(self) -> None:
        if not self.started and self._authwire.authorizes:
            if self.authorization_strategy is None:
                own = dict(self.exceptions_handlers)
                self.use_authorization()  # or @auth() would let everybody in
                self.exceptions_handlers.update(own)  # BlackSheep 2.6.2 replaces the app's
            if self.exceptions_handlers.get(UnauthorizedError) is handle_unauthorized:
                self.exceptions_handlers[UnauthorizedError] = turn_away
        await self._parent().start()

    def normalize_handlers(self) -> None:
        router: Any = self.router
        for _, route in router.iter_with_methods():
            learn(route.handler)
        self._parent().normalize_handlers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._parent().__call__(scope, receive, send)
            return
        visit = self._authwire.begin(scope)
        send = carrying(send, visit)
        refusal = await self._authwire.stopped(visit, scope)
        if refusal is not None:
            await refuse(scope, receive, send, refusal)
            return
        await _during(visit, self._parent().__call__(scope, receive, send))

    async def handle(self, request: Request) -> Response:
        """Answer a request; one that did not come by ASGI is from BlackSheep's own test client."""
        scope: Any = request.scope
        if visit_in(scope, self._authwire.auth) is not None:
            return await super().handle(request)
        visit = self._authwire.begin(scope)
        refusal = await self._authwire.stopped(visit, scope)
        response = (
            await _during(visit, super().handle(request))
            if refusal is None
            else to_response(refusal)
        )
        sent = Headers((k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers)
        for name, value in visit.fields(sent):
            response.add_header(name.encode("latin-1"), value.encode("latin-1"))
        return response


async def _during(visit: Visit[Any], answer: Awaitable[Any]) -> Any:
    token = CURRENT.set(visit)
    try:
        return await answer
    finally:
        CURRENT.reset(token)


async def turn_away(app: Any, request: Request, exception: Exception) -> Response:
    """Answer somebody who is not signed in; an exception handler of the app's own goes first."""
    if isinstance(exception, SignInRequired):
        handlers = app.exceptions_handlers
        own: Callable[..., Awaitable[Response]] | None
        own = handlers.get(Unauthorized) or handlers.get(401)
        if own is not None:
            return await own(app, request, exception)
    visit: Visit[Any] = visit_of(request)
    return to_response(visit.auth.unauthenticated(visit.request))
