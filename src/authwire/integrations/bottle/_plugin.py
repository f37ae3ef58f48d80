"""The plugin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any, Final, Generic, TypeVar, cast, get_args
from urllib.parse import quote

from bottle import (  # type: ignore[import-untyped]  # Bottle has no types
    Bottle,
    FormsDict,
    HTTPError,
    HTTPResponse,
    PluginError,
)

from authwire.auth import SyncAuth
from authwire.config import AuthConfig
from authwire.core.route import Action
from authwire.errors import ConfigError
from authwire.http import Request as AuthRequest
from authwire.http import Response as AuthResponse
from authwire.integrations._paths import Gate, Paths, with_next
from authwire.integrations._visit import SyncVisit
from authwire.integrations.bottle._serving import Serving
from authwire.integrations.bottle._translate import (
    body_of,
    current,
    decoded,
    to_request,
    to_response,
)
from authwire.models import Session, U
from authwire.passkeys import SyncPasskeys
from authwire.runtime import InlineRuntime, PortalRuntime

__all__ = ["BottleAuth"]

F = TypeVar("F", bound=Callable[..., Any])
Config = AuthConfig[U] | SyncAuth[U] | Callable[[AuthRequest], AuthConfig[U]]
_PER_PROVIDER: Final[tuple[Action, ...]] = ("signin", "callback", "webauthn-options")
# Each by its name: a catch-all of the app for GET would go before a route for ANY.
_METHODS: Final[Any] = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ANY")


class BottleAuth(Generic[U]):
    """Authentication for Bottle: ``app.install(auth)``.

    With it a route can be told who may see it: ``@app.get("/me", auth=True)``, or
    ``auth=has_role("admin")``. What ``app.config["auth"]`` says goes for all routes of the app that
    say nothing else.

    Args:
        config: an `AuthConfig`, a function that chooses one by request, or a `SyncAuth`.
        prefix: where the routes are in the app, if that is not the base path: in an app that is
            mounted below ``/app/`` it is ``/auth`` while the base path is ``/app/auth``.
        keyword: the name of the route configuration.
        runtime: ``PortalRuntime()`` if callbacks or the adapter are async.
    """

    name = "authwire"
    api = 2

    def __init__(
        self,
        config: Config[U],
        *,
        prefix: str | None = None,
        keyword: str = "auth",
        runtime: InlineRuntime | PortalRuntime | None = None,
    ) -> None:
        self.auth: SyncAuth[U] = (
            config if isinstance(config, SyncAuth) else SyncAuth(config, runtime=runtime)
        )
        self._prefix = self.auth.base_path() if prefix is None else prefix.rstrip("/")
        self._keyword = keyword
        self._serving = Serving(self.auth)

    # --- the plugin -----------------------------------------------------------------------------

    def setup(self, app: Bottle) -> None:
        """Add the routes and send rolled cookies; Bottle calls it.

        Raises:
            PluginError: if the app has such a plugin already.
        """
        if any(isinstance(plugin, BottleAuth) for plugin in app.plugins):
            raise PluginError("this app has a BottleAuth already")
        self._add_routes(app)
        self._serving.carry(app)

    def apply(self, callback: Callable[..., Any], route: Any) -> Callable[..., Any]:
        """Guard one route; Bottle calls it.

        Raises:
            PluginError: if its configuration is neither a bool nor a function.
        """
        condition = route.config.get(self._keyword)
        if condition is not None and not isinstance(condition, bool) and not callable(condition):
            raise PluginError(
                f"{self._keyword}= takes True, False or a function, not {condition!r}"
            )

        @wraps(callback)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            self._serving.check_merged(route.app)
            wanted: Any = route.config.get(self._keyword)
            if wanted:
                self._admit(None if wanted is True else wanted)
            return callback(*args, **kwargs)

        return guarded

    def protect(self, app: Bottle, paths: Paths, *, public: Paths = ()) -> None:
        """Let only those see ``paths`` whom the ``authorized`` callback lets in.

        Args:
            app: the app. It may be mounted in another.
            paths: what to protect, as browsers see the path or as the routes of ``app`` do. See
                `Paths` for what a pattern means.
            public: exceptions. Both views of a path must be among them.
        """
        self._serving.protect(app, Gate(paths, public, routes=self._prefix))

    # --- in a handler ---------------------------------------------------------------------------

    def visit(self) -> SyncVisit[U]:
        """The visit of the current request.

        Raises:
            RuntimeError: if the app that serves it does not have this plugin.
        """
        return self._serving.visit()

    def session(self) -> Session[U] | None:
        """Who is signed in. Raises like `Auth.session`."""
        return self.visit().session()

    def required_session(self) -> Session[U]:
        """Who is signed in; if nobody is, raises the answer that says so.

        Browsers are sent to the sign-in page and come back afterwards; programs get 401.
        """
        return self._admit(None)

    def update_session(self, data: Any) -> Session[U] | None:
        """Run the callbacks with ``trigger="update"`` and ``data``, as the client's ``update()`` does.

        The new cookie goes out with whatever the handler returns.
        """
        return self.visit().update_session(data)

    def sign_in(
        self,
        provider: str | None = None,
        *,
        form: Mapping[str, Any] | None = None,
        callback_url: str | None = None,
        params: Mapping[str, str] | None = None,
    ) -> HTTPResponse:
        """Sign in from a handler of your own; returns the redirect to give. See `Auth.sign_in`.

        ``request.forms`` can be given as the form: its text is decoded.
        """
        if isinstance(form, FormsDict):
            form = decoded(form)
        visit = self.visit()
        return to_response(
            visit.sign_in(provider, form=form, callback_url=callback_url, params=params)
        )

    def sign_out(
        self, *, callback_url: str | None = None, everywhere: bool = False
    ) -> HTTPResponse:
        """End the session; returns the redirect to give, which clears the cookies."""
        return to_response(self.visit().sign_out(callback_url=callback_url, everywhere=everywhere))

    def passkeys(self) -> SyncPasskeys[U]:
        """The passkeys of whoever is signed in: ``auth.passkeys().list()``."""
        return self.auth.passkeys(self.visit().request)

    def required(self, handler: F) -> F:
        """Decorator: only for people who are signed in. See `required_session`."""
        return self.require(lambda _: True)(handler)

    def require(self, predicate: Callable[[Session[U]], bool]) -> Callable[[F], F]:
        """Decorator: only for people whose session passes ``predicate``; others get 403."""

        def decorate(handler: F) -> F:
            @wraps(handler)
            def guarded(*args: Any, **kwargs: Any) -> Any:
                self._admit(predicate)
                return handler(*args, **kwargs)

            return cast("F", guarded)

        return decorate

    def _admit(self, predicate: Callable[[Session[U]], bool] | None) -> Session[U]:
        session = self.session()
        if session is None:
            raise self._refusal()
        if predicate is not None and not predicate(session):
            raise HTTPError(403, "Forbidden")
        return session

    def _refusal(self) -> HTTPResponse:
        refusal = self.auth.unauthenticated(self.visit().request)
        if refusal.status != 401 or 401 not in current.app.error_handler:
            return to_response(refusal)
        error = HTTPError(401, "Not authenticated")  # @app.error(401) sees it
        for name, value in refusal.headers:
            if name != "content-type":
                error.add_header(name, value)
        return error

    # --- routes ---------------------------------------------------------------------------------

    def _add_routes(self, app: Bottle) -> None:
        def add(rule: str, name: str, handler: Callable[..., HTTPResponse]) -> None:
            rule = f"{self._prefix}/{rule}"
            app.route(rule, method=_METHODS, name=f"auth.{name}", skip=[self], callback=handler)

        actions: tuple[Action, ...] = get_args(Action)
        for action in actions:
            add(action, action, lambda a=action: self._answer(a))
        for action in _PER_PROVIDER:
            add(
                f"{action}/<provider>",
                f"{action}_provider",
                lambda provider, a=action: self._answer(f"{a}/{quote(provider, safe='~')}"),
            )
        if self._prefix:  # at the root the other paths are the app's
            add("<path:path>", "unknown", lambda path: self._answer(quote(path, safe="/~")))

    def _answer(self, tail: str) -> HTTPResponse:
        """Answer what is asked below the prefix as if below the base path."""
        body = body_of(current.environ)
        if body is None:
            return to_response(AuthResponse(status=413))
        asked = to_request(current.environ, body=body)
        self.visit().disown()  # our answer has its own cookies, whatever was read before
        try:
            base_path = self.auth.base_path(asked)
        except ConfigError:
            base_path = self.auth.base_path()  # handle() tells what is wrong with the config
        return to_response(self.auth.handle(with_next(replace(asked, path=f"{base_path}/{tail}"))))
