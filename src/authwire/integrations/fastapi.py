"""FastAPI: a router, dependencies, and the OpenAPI security scheme."""

# Not `from __future__ import annotations`: FastAPI reads the annotations of callable objects when
# the app starts, and cannot look up the names in them.

from collections.abc import Awaitable, Callable, Iterable
from functools import cached_property
from inspect import isawaitable
from typing import Final, Generic

from authwire.auth import Auth
from authwire.config import AuthConfig
from authwire.core.jar import CookieJar
from authwire.http import Request as AuthRequest
from authwire.integrations._scope import added_to
from authwire.integrations.starlette import AuthMiddleware, Config, StarletteBase
from authwire.models import Session, U

try:
    from fastapi import APIRouter, HTTPException, Response, WebSocketException
    from fastapi.openapi.models import APIKey, APIKeyIn
    from fastapi.requests import HTTPConnection
    from fastapi.security.base import SecurityBase
    from starlette.routing import Mount
except ModuleNotFoundError as exc:  # pragma: no cover  # tests have it
    raise ModuleNotFoundError(
        "this needs FastAPI: pip install 'authwire[fastapi]'", name=exc.name
    ) from exc

__all__ = ["AuthMiddleware", "FastAPIAuth", "OptionalSession", "RequiredSession"]

Predicate = Callable[[Session[U]], bool | Awaitable[bool]]
_POLICY_VIOLATION: Final = 1008


class FastAPIAuth(StarletteBase[U]):
    """Authentication for FastAPI.

    Include ``auth.router`` and depend on ``auth.required`` or ``auth.optional``::

        CurrentSession = Annotated[Session, Depends(auth.required)]

    No middleware is needed: the dependencies send rolled cookies along with what a handler returns.
    Add `middleware` for handlers that return a ``Response`` of their own, and for path protection.

    Args:
        config: an `AuthConfig`, a function that chooses one by request, or an `Auth`.
        prefix: where the router is in this app, if that is not the base path: in an app that is
            itself mounted below ``/api`` it is ``/auth`` while the base path is ``/api/auth``.
        websocket_origins: pages of other origins that may open WebSockets with the session.
    """

    def __init__(
        self,
        config: Config[U],
        *,
        prefix: str | None = None,
        websocket_origins: Iterable[str] = (),
    ) -> None:
        super().__init__(config, websocket_origins=websocket_origins)
        self.prefix = prefix
        self._scheme = APIKey.model_validate(
            {"in": APIKeyIn.cookie, "name": _cookie_name(self.auth, config)}
        )

    @cached_property
    def router(self) -> APIRouter:
        """The routes, at the base path; they are not part of the OpenAPI schema."""
        prefix = self.auth.base_path() if self.prefix is None else self.prefix.rstrip("/")
        router = APIRouter(routes=[Mount(prefix, routes=self.routes)], include_in_schema=False)
        # One look at the prefix spares other requests twenty. Older versions of FastAPI leave mounts
        # out when they include a router, and at the root there is no prefix to look at.
        probe = APIRouter()
        probe.include_router(router)
        if prefix and probe.routes:
            return router
        return APIRouter(routes=self._routes(prefix), include_in_schema=False)

    @cached_property
    def optional(self) -> "OptionalSession[U]":
        """Dependency: the `Session`, or None."""
        return OptionalSession(self)

    @cached_property
    def required(self) -> "RequiredSession[U]":
        """Dependency: the `Session`.

        Browsers are sent to the sign-in page and come back afterwards; programs get 401; a WebSocket
        is closed. Shows in OpenAPI.
        """
        return RequiredSession(self, self._scheme, None)

    def require(self, predicate: Predicate[U]) -> "RequiredSession[U]":
        """Dependency: like `required`, and 403 unless ``predicate`` agrees to the session.

        Such as::

            Admin = Annotated[Session, Depends(auth.require(lambda s: s.user.id in ADMINS))]
        """
        return RequiredSession(self, self._scheme, predicate)


class OptionalSession(Generic[U]):
    """The dependency `FastAPIAuth.optional`."""

    def __init__(self, auth: FastAPIAuth[U]) -> None:
        self._auth = auth

    async def __call__(self, connection: HTTPConnection, response: Response) -> Session[U] | None:
        return await _session(self._auth, connection, response)


class RequiredSession(SecurityBase, Generic[U]):
    """The dependency `FastAPIAuth.required`."""

    def __init__(
        self, auth: FastAPIAuth[U], scheme: APIKey, predicate: Predicate[U] | None
    ) -> None:
        self._auth = auth
        self._predicate = predicate
        self.model = scheme
        self.scheme_name = "session"

    async def __call__(self, connection: HTTPConnection, response: Response) -> Session[U]:
        session = await _session(self._auth, connection, response)
        handshake = connection.scope["type"] == "websocket"
        if session is None:
            if handshake:
                raise WebSocketException(_POLICY_VIOLATION)
            raise self._unauthenticated(connection)
        if self._predicate is not None:
            verdict = self._predicate(session)
            if not (await verdict if isawaitable(verdict) else verdict):
                raise WebSocketException(_POLICY_VIOLATION) if handshake else HTTPException(403)
        return session

    def _unauthenticated(self, connection: HTTPConnection) -> HTTPException:
        # An HTTPException needs no handler of ours in the app, and one of the app's own sees it.
        refusal = self._auth.auth.unauthenticated(self._auth.visit(connection).request)
        headers = {name: value for name, value in refusal.headers if name != "content-type"}
        return HTTPException(refusal.status, "Not authenticated", headers)


async def _session(
    auth: FastAPIAuth[U], connection: HTTPConnection, response: Response
) -> Session[U] | None:
    """The session; without the middleware its cookies go out with ``response``."""
    visit = auth.visit(connection)
    if visit.known or visit.jar is not None or connection.scope["type"] == "websocket":
        return await visit.session()
    visit.jar = CookieJar()
    try:
        session = await visit.session()
        response.raw_headers += added_to(response.raw_headers, visit)
    finally:
        visit.jar = None
    return session


def _cookie_name(auth: Auth[U], config: Config[U]) -> str:
    """The session cookie as OpenAPI tells it; a config that is chosen by request has no one name."""
    if not isinstance(config, AuthConfig):
        return "authjs.session-token"
    engine = auth.engine(AuthRequest(method="GET", path="/"))
    secure = engine.use_secure_cookies
    if secure is None:
        secure = (engine.hosts.url or "").startswith("https:")
    return (engine.cookies_secure if secure else engine.cookies_plain).session_token.name
