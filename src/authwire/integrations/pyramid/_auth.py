"""The integration itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, wraps
from inspect import Parameter, signature
from typing import Any, Final, Generic, TypeVar, cast, get_args
from urllib.parse import quote

from pyramid.events import ApplicationCreated  # type: ignore[import-untyped]  # Pyramid has no types
from pyramid.exceptions import ConfigurationError  # type: ignore[import-untyped]  # as above
from pyramid.httpexceptions import HTTPForbidden  # type: ignore[import-untyped]  # as above
from pyramid.interfaces import IRequest, ITweens  # type: ignore[import-untyped]  # as above
from pyramid.response import Response  # type: ignore[import-untyped]  # as above
from pyramid.security import NO_PERMISSION_REQUIRED  # type: ignore[import-untyped]  # as above
from pyramid.util import InstancePropertyHelper  # type: ignore[import-untyped]  # as above

from authwire.auth import SyncAuth
from authwire.config import AuthConfig
from authwire.core.route import Action
from authwire.errors import ConfigError, UntrustedHost
from authwire.http import Request as AuthRequest
from authwire.http import Response as AuthResponse
from authwire.integrations._paths import Gate, Paths, with_next
from authwire.integrations._visit import SyncVisit
from authwire.integrations.pyramid._policy import Principals, SessionPolicy
from authwire.integrations.pyramid._translate import body_of, to_response
from authwire.integrations.pyramid._tween import GATES, KEY, TWEEN
from authwire.models import Session, U
from authwire.passkeys import SyncPasskeys
from authwire.runtime import InlineRuntime, PortalRuntime
from authwire.runtime.wsgi import Environ, request_of

__all__ = ["PyramidAuth", "check"]

F = TypeVar("F", bound=Callable[..., Any])
Config = AuthConfig[U] | SyncAuth[U] | Callable[[AuthRequest], AuthConfig[U]]
_PER_PROVIDER: Final[tuple[Action, ...]] = ("signin", "callback", "webauthn-options")


class PyramidAuth(Generic[U]):
    """Authentication for Pyramid: ``config.include(auth.includeme)``.

    Args:
        config: an `AuthConfig`, a function that chooses one by request, or a `SyncAuth`.
        prefix: where the routes are in the app, if that is not the base path: if the app is served
            below ``/app`` it is ``/auth`` while the base path is ``/app/auth``.
        principals: what a session is called in ACLs beside ``Everyone``, ``Authenticated`` and
            ``user:<id>``, such as ``lambda session: [f"role:{session.user.role}"]``.
        runtime: ``PortalRuntime()`` if callbacks or the adapter are async.
    """

    def __init__(
        self,
        config: Config[U],
        *,
        prefix: str | None = None,
        principals: Principals[U] | None = None,
        runtime: InlineRuntime | PortalRuntime | None = None,
    ) -> None:
        self.auth: SyncAuth[U] = (
            config if isinstance(config, SyncAuth) else SyncAuth(config, runtime=runtime)
        )
        self._prefix = self.auth.base_path() if prefix is None else prefix.rstrip("/")
        self.policy: SessionPolicy[U] = SessionPolicy(self.visit, principals)

    @property
    def includeme(self) -> Callable[[Any], None]:
        """For ``config.include``: the routes, the policy, the forbidden view and the tween.

        What the app itself sets in their place wins.
        """

        def include(config: Any) -> None:
            config.registry[KEY] = self
            config.set_security_policy(self.policy)
            config.add_request_method(None, "auth_session")  # the name is taken
            config.add_request_method(_Extension("auth_session", self.session), "_authwire")
            config.add_forbidden_view(self._forbidden)
            config.add_tween(TWEEN)
            config.add_subscriber(check, ApplicationCreated)
            self._add_routes(config)

        # Pyramid leaves out a second include of the same name, and does not tell.
        include.__name__ = f"includeme_{id(self):x}"
        return include

    def protect(self, config: Any, paths: Paths, *, public: Paths = ()) -> None:
        """Let only those see ``paths`` whom the ``authorized`` callback lets in.

        Args:
            config: the configurator, after it included this.
            paths: what to protect. See `Paths` for what a pattern means.
            public: exceptions.

        Raises:
            ConfigurationError: if the configurator has not included this.
        """
        if config.registry.get(KEY) is not self:
            raise ConfigurationError("call config.include(auth.includeme) before auth.protect")
        gate = Gate(paths, public, routes=self._prefix)
        config.registry.setdefault(GATES, []).append(gate)

    # --- in a view ------------------------------------------------------------------------------

    def visit(self, request: Any) -> SyncVisit[U]:
        """The visit of this request."""
        environ: Environ = request.environ
        visit = environ.get(KEY)
        if not isinstance(visit, SyncVisit) or visit.auth is not self.auth:
            native = request_of(environ, native=request, body=b"")
            visit = environ[KEY] = SyncVisit(self.auth, native)
        return cast("SyncVisit[U]", visit)

    def session(self, request: Any) -> Session[U] | None:
        """Who is signed in; also ``request.auth_session``. Raises like `Auth.session`."""
        return self.visit(request).session()

    def required_session(self, request: Any) -> Session[U]:
        """Who is signed in.

        Raises:
            HTTPForbidden: if nobody is. The forbidden view sends browsers to the sign-in page and
                gives programs 401.
        """
        return self._admit(request, None)

    def update_session(self, request: Any, data: Any) -> Session[U] | None:
        """Run the callbacks with ``trigger="update"`` and ``data``, as the client's ``update()`` does.

        The new cookie goes out with whatever the view returns.
        """
        return self.visit(request).update_session(data)

    def sign_in(
        self,
        request: Any,
        provider: str | None = None,
        *,
        form: Mapping[str, Any] | None = None,
        callback_url: str | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Response:
        """Sign in from a view of your own; returns the redirect to give. See `Auth.sign_in`."""
        visit = self.visit(request)
        return to_response(
            visit.sign_in(provider, form=form, callback_url=callback_url, params=params)
        )

    def sign_out(
        self, request: Any, *, callback_url: str | None = None, everywhere: bool = False
    ) -> Response:
        """End the session; returns the redirect to give, which clears the cookies."""
        visit = self.visit(request)
        return to_response(visit.sign_out(callback_url=callback_url, everywhere=everywhere))

    def passkeys(self, request: Any) -> SyncPasskeys[U]:
        """The passkeys of whoever is signed in: ``auth.passkeys(request).list()``."""
        return self.auth.passkeys(self.visit(request).request)

    def required(self, view: F) -> F:
        """Decorator: only for people who are signed in. See `required_session`.

        ``view`` is a function, a method of a view class, or what ``view_config(decorator=…)`` gives.
        """
        return self.require(lambda _: True)(view)

    def require(self, predicate: Callable[[Session[U]], bool]) -> Callable[[F], F]:
        """Decorator: only for people whose session passes ``predicate``; others get 403."""

        def decorate(view: F) -> F:
            def check(values: Sequence[Any]) -> None:
                self._admit(_request_in(values), predicate)

            return cast("F", _guarded(view, check))

        return decorate

    def _admit(self, request: Any, predicate: Callable[[Session[U]], bool] | None) -> Session[U]:
        session = self.session(request)
        if session is None:
            raise HTTPForbidden("Not authenticated")
        if predicate is not None and not predicate(session):
            raise HTTPForbidden
        return session

    def _forbidden(self, refusal: Any, request: Any) -> Any:
        """The forbidden view: who is not signed in yet may do so."""
        if self.policy.identity(request) is not None:
            return refusal
        try:
            return to_response(self.auth.unauthenticated(self.visit(request).request))
        except UntrustedHost:
            return refusal

    # --- routes and paths -----------------------------------------------------------------------

    def _add_routes(self, config: Any) -> None:
        def add(pattern: str, name: str, view: Callable[..., Response]) -> None:
            config.add_route(f"auth.{name}", f"{self._prefix}/{pattern}")
            config.add_view(
                view,
                route_name=f"auth.{name}",
                permission=NO_PERMISSION_REQUIRED,
                require_csrf=False,  # the routes have their own tokens
            )

        actions: tuple[Action, ...] = get_args(Action)
        for action in actions:
            add(action, action, lambda request, a=action: self._answer(request, a))
        for action in _PER_PROVIDER:
            tail = f"{action}/{{provider}}"
            add(tail, f"{action}_provider", lambda request, t=tail: self._answer(request, t))
        if self._prefix:  # at the root the other paths are the app's
            add("{path:.*}", "unknown", lambda request: self._answer(request, "{path}"))

    def _answer(self, request: Any, pattern: str) -> Response:
        """Answer what is asked below the prefix as if below the base path."""
        found = {name: quote(text, safe="/~") for name, text in request.matchdict.items()}
        body = body_of(request)
        if body is None:
            return to_response(AuthResponse(status=413))
        asked = request_of(request.environ, native=request, body=body)
        self.visit(request).disown()  # our answer has its own cookies, whatever was read before
        try:
            base_path = self.auth.base_path(asked)
        except ConfigError:
            base_path = self.auth.base_path()  # handle() tells what is wrong with the config
        return to_response(
            self.auth.handle(
                with_next(replace(asked, path=f"{base_path}/{pattern.format(**found)}"))
            )
        )


class _Extension:
    """A request method that gives requests a property.

    A property that Pyramid adds takes a new class for each request, and so longer than a small view.
    This one takes a class for each kind of request.
    """

    def __init__(self, name: str, read: Callable[[Any], Any]) -> None:
        added = dict([InstancePropertyHelper.make_property(read, name)])

        @lru_cache(maxsize=16)
        def extended(kind: type) -> type:
            if getattr(kind, name, None) is added[name]:
                return kind
            return type(kind.__name__, (kind,), {"__module__": kind.__module__, **added})

        self._extended = extended

    def __get__(self, request: Any, kind: type) -> None:
        """Pyramid binds its request methods to each new request."""
        request.__class__ = self._extended(kind)


def check(event: Any) -> None:
    """Refuse an app in which nothing would be protected."""
    registry = event.app.registry
    if KEY not in registry:
        raise ConfigurationError("no PyramidAuth in this app: call config.set_authwire(auth)")
    tweens = registry.queryUtility(ITweens)
    if tweens is not None and tweens.explicit and TWEEN not in dict(tweens.explicit):
        raise ConfigurationError(f"the setting pyramid.tweens must name {TWEEN}")


def _guarded(view: Callable[..., Any], check: Callable[[Sequence[Any]], None]) -> Any:
    """``view`` after ``check``, with as many arguments: Pyramid counts them to know what to pass."""

    @wraps(view)
    def one(request: Any) -> Any:
        check((request,))
        return view(request)

    @wraps(view)
    def many(*args: Any, **kwargs: Any) -> Any:
        check((*args, *kwargs.values()))
        return view(*args, **kwargs)

    return one if _takes_one(view) else many


def _takes_one(view: Callable[..., Any]) -> bool:
    """Whether a view is called with the request only, or as a method with its object."""
    needed = [p for p in signature(view).parameters.values() if p.default is Parameter.empty]
    return len(needed) == 1 and needed[0].kind is not Parameter.VAR_POSITIONAL


def _request_in(values: Sequence[Any]) -> Any:
    for value in values:
        if IRequest.providedBy(value):
            return value
    request = getattr(values[0], "request", None) if values else None
    if request is None:
        raise TypeError("a view that needs a session must take the request")
    return request
