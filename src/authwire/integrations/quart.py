"""Quart: an extension with a blueprint, sessions in views and templates, decorators, a command."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import wraps
from inspect import isawaitable, iscoroutinefunction
from typing import Any, Final, Generic, TypeVar, cast
from urllib.parse import quote

from authwire.auth import Auth
from authwire.config import AuthConfig
from authwire.core.jar import CookieJar
from authwire.http import MAX_BODY_BYTES
from authwire.http import Request as AuthRequest
from authwire.http import Response as AuthResponse
from authwire.integrations._blueprint import (
    ENDPOINTS,
    METHODS,
    PROVIDER_ENDPOINTS,
    Mount,
)
from authwire.integrations._paths import Gate, Paths
from authwire.integrations._scope import publish, visit_in
from authwire.integrations._visit import Handshake, Visit
from authwire.models import Session, U, User
from authwire.passkeys import Passkeys
from authwire.runtime.asgi import BodyTooLarge, Scope, request_of, route_path

try:
    import click
    from quart import (
        Blueprint,
        Quart,
        Request,
        Response,
        Websocket,
        current_app,
        has_websocket_context,
        request,
        websocket,
    )
    from werkzeug.exceptions import Forbidden, RequestTimeout, default_exceptions

    from authwire.integrations._werkzeug import REST, Rest, behind, with_fields
except ModuleNotFoundError as exc:  # pragma: no cover  # tests have it
    raise ModuleNotFoundError(
        "this needs Quart: pip install 'authwire[quart]'", name=exc.name
    ) from exc

__all__ = ["QuartAuth", "current_session", "to_response"]

F = TypeVar("F", bound=Callable[..., Any])
_ANSWERED: Final = "authwire.answered"
"""In the scope: the `Auth` whose cookies can go out no more."""
Config = AuthConfig[U] | Auth[U] | Callable[[AuthRequest], AuthConfig[U]]
_KEY: Final = "authwire"
_request_now = behind(request)
_websocket_now = behind(websocket)


def to_response(response: AuthResponse) -> Response:
    """Authwire's answer as Quart's, cookies and all."""
    native = Response(response.body, response.status)
    native.headers.clear()
    native.content_length = len(response.body)
    for name, value in response.wire_headers():
        native.headers.add(name, value)
    return native


class _CurrentSession:
    """See `current_session`."""

    async def __call__(self) -> Session[User] | None:
        auth: QuartAuth[User] | None = current_app.extensions.get(_KEY)
        if auth is None:
            raise RuntimeError("no QuartAuth in this app: call auth.init_app(app)")
        return await auth.session()

    def __bool__(self) -> bool:
        # As a plain object it would be true for everybody.
        raise TypeError(
            "current_session must be called: `await current_session()`,"
            " and in a template `{% if current_session() %}`"
        )


current_session: Final = _CurrentSession()
"""``await current_session()`` is the session of the current request, or None.

In templates it is ``current_session()``, where Jinja awaits by itself. Nothing is read before."""


class QuartAuth(Generic[U]):
    """Authentication for Quart.

    Args:
        config: an `AuthConfig`, a function that chooses one by request, or an `Auth`.
        app: the app, if it exists already; else call `init_app`.
        url_prefix: where the blueprint is in the app, if that is not the base path: if the app is
            served below ``/app`` it is ``/auth`` while the base path is ``/app/auth``.
        websocket_origins: pages of other origins that may open WebSockets with the session.
    """

    def __init__(
        self,
        config: Config[U],
        app: Quart | None = None,
        *,
        url_prefix: str | None = None,
        websocket_origins: Iterable[str] = (),
    ) -> None:
        self.auth: Auth[U] = config if isinstance(config, Auth) else Auth(config)
        self._prefix = self.auth.base_path() if url_prefix is None else url_prefix.rstrip("/")
        self._mount = Mount(self.auth)
        self._origins = frozenset(websocket_origins)
        self.blueprint = self._blueprint()
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Quart) -> None:
        """Add the routes, ``current_session`` in templates, rolled cookies and ``quart auth``."""
        app.extensions[_KEY] = self
        app.register_blueprint(self.blueprint)
        app.after_request(self._send_cookies)
        app.context_processor(_in_templates)
        app.after_serving(self.auth.aclose)

    def protect(self, app: Quart | Blueprint, paths: Paths, *, public: Paths = ()) -> None:
        """Let only those see ``paths`` whom the ``authorized`` callback lets in.

        Args:
            app: the app, or a blueprint whose routes are meant.
            paths: what to protect, WebSockets too. See `Paths` for what a pattern means.
            public: exceptions.
        """
        gate = Gate(paths, public, routes=self._prefix)

        async def stop_strangers() -> Response | None:
            visit = self.visit()
            refusal = await visit.stopped(gate, route_path(cast("Scope", _native().scope)))
            return None if refusal is None else _refuse(visit, refusal)

        app.before_request(stop_strangers)
        app.before_websocket(stop_strangers)

    # --- in a view ------------------------------------------------------------------------------

    def visit(self) -> Visit[U]:
        """The visit of the current request, or of the WebSocket."""
        native = _native()
        scope = cast("Scope", native.scope)
        visit = visit_in(scope, self.auth)
        if visit is None:
            asked = request_of(scope, native=native)
            # Who reads the session only while the answer streams must not roll it on.
            jar = None if scope.get(_ANSWERED) is self.auth else CookieJar()
            visit = (
                Handshake(self.auth, asked, origins=self._origins)
                if scope["type"] == "websocket"
                else Visit(self.auth, asked, jar=jar)
            )
            publish(scope, visit)
        return visit

    async def session(self) -> Session[U] | None:
        """Who is signed in, in a request or a WebSocket. Raises like `Auth.session`."""
        return await self.visit().session()

    async def update_session(self, data: Any) -> Session[U] | None:
        """Run the callbacks with ``trigger="update"`` and ``data``, as the client's ``update()`` does.

        The new cookie goes out with whatever the view returns.

        Raises:
            RuntimeError: if nothing can carry it: in a WebSocket, or when the answer has begun.
        """
        visit = self.visit()
        if visit.jar is None:
            raise RuntimeError("update_session changes a cookie, and no answer is left to carry it")
        return await visit.update_session(data, visit.jar)

    async def sign_in(
        self,
        provider: str | None = None,
        *,
        form: Mapping[str, Any] | None = None,
        callback_url: str | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Response:
        """Sign in from a view of your own; returns the redirect to give. See `Auth.sign_in`."""
        return to_response(
            await self.visit().sign_in(
                provider, form=form, callback_url=callback_url, params=params
            )
        )

    async def sign_out(
        self, *, callback_url: str | None = None, everywhere: bool = False
    ) -> Response:
        """End the session; returns the redirect to give, which clears the cookies."""
        return to_response(
            await self.visit().sign_out(callback_url=callback_url, everywhere=everywhere)
        )

    def passkeys(self) -> Passkeys[U]:
        """The passkeys of whoever is signed in: ``await auth.passkeys().list()``."""
        return self.auth.passkeys(self.visit().request)

    def required(self, view: F) -> F:
        """Decorator: only for people who are signed in.

        Browsers are sent to the sign-in page and come back afterwards; programs get 401, which error
        handlers see; a WebSocket gets 403.
        """
        return self.require(lambda _: True)(view)

    def require(
        self, predicate: Callable[[Session[U]], bool | Awaitable[bool]]
    ) -> Callable[[F], F]:
        """Decorator: only for people whose session passes ``predicate``; others get 403."""

        def decorate(view: F) -> F:
            # Quart asks ``ensure_async`` about us, and so about a coroutine function too.
            is_sync = not iscoroutinefunction(view)

            @wraps(view)
            async def guarded(*args: Any, **kwargs: Any) -> Any:
                visit = self.visit()
                session = await visit.session()
                if session is None:
                    return _refuse(visit, self.auth.unauthenticated(visit.request))
                verdict = predicate(session)
                if not (await verdict if isawaitable(verdict) else verdict):
                    raise Forbidden
                call = current_app.ensure_async(view) if is_sync else view
                return await call(*args, **kwargs)

            return cast("F", guarded)

        return decorate

    # --- routes ---------------------------------------------------------------------------------

    def _blueprint(self) -> Blueprint:
        blueprint = Blueprint("auth", __name__, url_prefix=self._prefix or None, cli_group=None)
        blueprint.cli.add_command(_commands)

        def add(rule: str, endpoint: str, *parts: str) -> None:
            async def view(**params: str) -> Response:
                return await self._answer("/".join((*parts, *params.values())))

            blueprint.add_url_rule(
                rule, endpoint, view, methods=METHODS, provide_automatic_options=False
            )

        for endpoint, action in ENDPOINTS.items():
            add(f"/{action}", endpoint, action)
        for endpoint, action in PROVIDER_ENDPOINTS.items():
            add(f"/{action}/<provider>", endpoint, action)
        if self._prefix:  # at the root the other paths are the app's
            blueprint.record(lambda s: s.app.url_map.converters.update({REST: Rest}))
            add(f"/<{REST}:path>", "unknown")
        return blueprint

    async def _answer(self, tail: str) -> Response:
        visit = self.visit()
        visit.disown()  # our answer has its own cookies, whatever was read before
        try:
            body = await _body()
        except BodyTooLarge:
            return to_response(AuthResponse(status=413))
        native = _request_now()
        asked = request_of(cast("Scope", native.scope), body, native=native)
        asked = self._mount.asked(asked, quote(tail, safe="/~"))
        return to_response(await self.auth.handle(asked))

    async def _send_cookies(self, response: Response) -> Response:
        scope = cast("Scope", _native().scope)
        visit = visit_in(scope, self.auth)
        if visit is None:
            scope[_ANSWERED] = self.auth
            return response
        fields = visit.fields([(k.lower(), v) for k, v in response.headers])
        visit.jar = None  # as above
        return with_fields(response, fields)


def _native() -> Request | Websocket:
    return _websocket_now() if has_websocket_context() else _request_now()


def _refuse(visit: Visit[Any], refusal: AuthResponse) -> Response:
    """The refusal, raised if it is an error, so that error handlers see it."""
    if isinstance(visit, Handshake):
        raise Forbidden
    native = to_response(refusal)
    error = default_exceptions.get(refusal.status)
    if error is not None:
        raise error(response=cast("Any", native))  # Quart takes its own kind of response here
    return native


async def _body() -> bytes:
    """The body. Quart keeps it for us if something before (a CSRF extension) has parsed it.

    Raises:
        BodyTooLarge: over `MAX_BODY_BYTES`.
        RequestEntityTooLarge: over the app's ``MAX_CONTENT_LENGTH``.
        RequestTimeout: if it takes longer than the app's ``BODY_TIMEOUT``.
    """
    native = _request_now()
    if (native.content_length or 0) > MAX_BODY_BYTES:
        raise BodyTooLarge("the request body is too large")
    body = bytearray()
    try:
        async with asyncio.timeout(native.body_timeout):
            async for chunk in native.body:
                body += chunk
                if len(body) > MAX_BODY_BYTES:  # its length was not told before
                    raise BodyTooLarge("the request body is too large")
    except TimeoutError as exc:
        raise RequestTimeout from exc
    native.body.set_result(bytes(body))  # callbacks may want to read it from Quart's request
    return bytes(body)


async def _in_templates() -> dict[str, Any]:
    return {"current_session": current_session}


_commands = click.Group("auth", help="Authwire.")


@_commands.command("secret")
def _secret() -> None:
    """Print a new value for AUTH_SECRET."""
    click.echo(secrets.token_urlsafe(32))
