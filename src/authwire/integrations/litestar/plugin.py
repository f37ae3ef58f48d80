"""`LitestarAuth`, the plugin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, Final, cast

from litestar.config.app import AppConfig
from litestar.connection import ASGIConnection, Request
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.plugins.base import InitPlugin, ReceiveRoutePlugin
from litestar.response import Response
from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import Scope
from litestar.utils import normalize_path

from authwire.integrations._paths import Paths
from authwire.integrations.litestar import _openapi
from authwire.integrations.litestar._guards import Guard, Predicate
from authwire.integrations.litestar._replies import not_signed_in, to_response
from authwire.integrations.litestar._routes import Endpoint, route_handlers
from authwire.integrations.litestar._sessions import Config, Connection, Sessions, show
from authwire.integrations.litestar.middleware import Authentication, AuthMiddleware
from authwire.models import Session, U
from authwire.passkeys import Passkeys

__all__ = ["LitestarAuth"]

_REQUIRED: Final = "session"
_OPTIONAL: Final = "maybe_session"
_NO_AUTHENTICATION: Final = "exclude_from_auth"
_NO_CSRF: Final = "exclude_from_csrf"


class LitestarAuth(Sessions[U], InitPlugin, ReceiveRoutePlugin):
    """Authentication for Litestar.

    ``Litestar([…], plugins=[auth])`` adds the routes, and two dependencies for handlers of requests
    and WebSockets: ``session``, which lets nobody else in, and ``maybe_session``. Nothing is read
    before a dependency or a guard asks.

    Args:
        config: an `AuthConfig`, a function that chooses one by request, or an `Auth`.
        prefix: where the routes are in this app, if that is not the base path: behind a proxy that
            strips ``/app`` it is ``/auth`` while the base path is ``/app/auth``.
        websocket_origins: pages of other origins that may open WebSockets with the session.
        name: what the names of the routes and of the OpenAPI scheme begin with. A second plugin in
            the same app needs another.
    """

    def __init__(
        self,
        config: Config[U],
        *,
        prefix: str | None = None,
        websocket_origins: Iterable[str] = (),
        name: str = "auth",
    ) -> None:
        super().__init__(config, websocket_origins)
        self.prefix = prefix
        self.name = name
        self._scheme = f"{name}_session"

    # --- what a plugin does -----------------------------------------------------------------------

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Add routes, middleware, dependencies and the OpenAPI scheme. Litestar calls this."""
        root = normalize_path(app_config.path).rstrip("/")
        prefix = self._prefix_below(root)
        csrf = app_config.csrf_config  # ours have tokens of their own
        opt = {_NO_AUTHENTICATION: True, _NO_CSRF: True}
        if csrf is not None:
            opt[csrf.exclude_from_csrf_key] = True
        endpoint = Endpoint(self, root + prefix)
        app_config.route_handlers.extend(route_handlers(endpoint, prefix, name=self.name, opt=opt))
        app_config.middleware.insert(0, DefineMiddleware(AuthMiddleware, auth=self))
        app_config.dependencies.setdefault(_OPTIONAL, Provide(self.provide_maybe_session))
        app_config.dependencies.setdefault(_REQUIRED, Provide(self._provide_after_maybe))
        app_config.on_shutdown.append(self.auth.aclose)
        _openapi.describe(app_config, self.auth, self._scheme)
        return app_config

    def _prefix_below(self, root: str) -> str:
        """Where the routes are below the path of the app itself."""
        if self.prefix is not None:
            return self.prefix.rstrip("/")
        base_path = self.auth.base_path()
        below = f"{base_path}/".startswith(f"{root}/")
        return base_path[len(root) :] if below else base_path

    def receive_route(self, route: BaseRoute) -> None:
        """Show in OpenAPI what is guarded. Litestar calls this."""
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if self._guards(handler):
                    _openapi.mark(handler, self._scheme)

    def _guards(self, handler: HTTPRouteHandler) -> bool:
        for guard in handler.resolve_guards():
            if isinstance(guard, Guard) and guard.sessions is self:
                return True
        ours = (self.provide_session, self._provide_after_maybe)
        return any(
            name in handler.parsed_fn_signature.parameters and provide.dependency in ours
            for name, provide in handler.resolve_dependencies().items()
        )

    # --- dependencies -----------------------------------------------------------------------------

    async def provide_maybe_session(self, scope: Scope) -> Session[U] | None:
        """The dependency ``maybe_session``, for use under another name."""
        return await self.visit_of(cast("Any", scope)).session()

    async def provide_session(self, scope: Scope) -> Session[U]:
        """The dependency ``session``, for use under another name.

        Such as ``dependencies={"employee": Provide(staff.provide_session)}``.
        """
        session = await self.visit_of(cast("Any", scope)).session()
        if session is None:
            raise not_signed_in(self, ASGIConnection[Any, Any, Any, Any](scope))
        return session

    async def _provide_after_maybe(
        self, scope: Scope, maybe_session: Annotated[Any, "a dependency"]
    ) -> Session[U]:
        # Litestar resolves dependencies at the same time unless one needs the other; the session is
        # to be read once.
        del maybe_session
        return await self.provide_session(scope)

    # --- guards and middleware ----------------------------------------------------------------------

    @cached_property
    def required(self) -> Guard[U]:
        """Guard: only for people who are signed in. It sets ``request.user`` and ``request.auth``.

        Browsers are sent to the sign-in page and come back afterwards; programs get 401; a WebSocket
        is closed. For a route, a controller, a router or the app; shows in OpenAPI.
        """
        return Guard(self, None)

    def require(self, predicate: Predicate[U]) -> Guard[U]:
        """Guard: like `required`, and 403 unless ``predicate`` agrees to the session."""
        return Guard(self, predicate)

    def middleware(self, *, protect: Paths | None = None, public: Paths = ()) -> DefineMiddleware:
        """A middleware that protects paths, for ``Litestar(middleware=[auth.middleware(…)])``.

        See `AuthMiddleware`.
        """
        return DefineMiddleware(AuthMiddleware, auth=self, protect=protect, public=public)

    def authentication(
        self,
        *,
        exclude: str | Sequence[str] | None = None,
        exclude_opt_key: str = _NO_AUTHENTICATION,
    ) -> DefineMiddleware:
        """A middleware that reads the session ahead and sets ``request.user`` and ``request.auth``.

        Both are None if nobody is signed in. Needed only where there is no guard, for a handler that
        looks at ``request.user``; it costs a decryption or a query in each request.

        Args:
            exclude: regular expressions of paths to leave out.
            exclude_opt_key: a route with this option is left out.
        """
        patterns = list(exclude) if exclude and not isinstance(exclude, str) else exclude
        return DefineMiddleware(
            Authentication, auth=self, exclude=patterns, exclude_from_auth_key=exclude_opt_key
        )

    # --- in a handler -------------------------------------------------------------------------------

    async def update_session(self, request: Request[Any, Any, Any], data: Any) -> Session[U] | None:
        """Run the callbacks with ``trigger="update"`` and ``data``, as the client's ``update()`` does.

        Raises:
            RuntimeError: without the plugin in the app, as the update would be lost.
        """
        visit = self.visit(request)
        if visit.jar is None:
            raise RuntimeError(
                "update_session changes the session cookie: add Litestar(plugins=[auth])"
            )
        session = await visit.update_session(data, visit.jar)
        self._show_again(request, session)
        return session

    async def sign_in(
        self,
        request: Request[Any, Any, Any],
        provider: str | None = None,
        *,
        form: Mapping[str, Any] | None = None,
        callback_url: str | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Response[bytes]:
        """Sign in from a handler of your own; returns the redirect to give. See `Auth.sign_in`."""
        return to_response(
            await self.visit(request).sign_in(
                provider, form=form, callback_url=callback_url, params=params
            )
        )

    async def sign_out(
        self,
        request: Request[Any, Any, Any],
        *,
        callback_url: str | None = None,
        everywhere: bool = False,
    ) -> Response[bytes]:
        """End the session; returns the redirect to give, which clears the cookies."""
        visit = self.visit(request)
        response = await visit.sign_out(callback_url=callback_url, everywhere=everywhere)
        self._show_again(request, None)
        return to_response(response)

    def passkeys(self, connection: Connection) -> Passkeys[U]:
        """The passkeys of whoever is signed in: ``await auth.passkeys(request).list()``."""
        return self.auth.passkeys(self.visit(connection).request)

    def _show_again(self, connection: Connection, session: Session[U] | None) -> None:
        """Change what ``request.user`` says, if it was us who set it."""
        if isinstance(connection.scope.get("auth"), Session):
            show(connection, session)
