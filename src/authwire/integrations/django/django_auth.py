"""The integration itself: what the settings say, and its verbs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from inspect import isawaitable
from typing import Any, Generic, TypeVar, cast

from asgiref.sync import async_to_sync, iscoroutinefunction, sync_to_async
from django.core.exceptions import PermissionDenied  # type: ignore[import-untyped]  # as above
from django.http import HttpRequest  # type: ignore[import-untyped]  # as above
from django.utils.datastructures import MultiValueDict  # type: ignore[import-untyped]  # as above

from authwire.auth import Auth, SyncAuth
from authwire.http import Response
from authwire.integrations._paths import Paths
from authwire.integrations._visit import SyncVisit
from authwire.integrations.django.exchange import Exchange, exchange_of
from authwire.integrations.django.http import native_of, to_response
from authwire.integrations.django.passkeys import async_passkeys, sync_passkeys
from authwire.integrations.django.settings import current_setup
from authwire.integrations.django.setup import Config, Setup
from authwire.models import Session, U, User
from authwire.passkeys import Passkeys, SyncPasskeys
from authwire.runtime import InlineRuntime, PortalRuntime

__all__ = ["DjangoAuth", "Predicate", "auth"]

F = TypeVar("F", bound=Callable[..., Any])
Predicate = Callable[[Session[U]], bool | Awaitable[bool]]


class DjangoAuth(Generic[U]):
    """Authentication for Django.

    ``settings.AUTHWIRE`` is one of these, or the config alone. Methods whose names begin with ``a`` are
    for async code. All of them take the request first.

    Args:
        config: an `AuthConfig`, or a function that chooses one by request. Default: whatever
            ``settings.AUTHWIRE`` says at the time.
        protect: the paths that need the ``authorized`` callback's consent, by default a session. See
            `Paths` for what a pattern means.
        public: exceptions from ``protect``.
        runtime: ``PortalRuntime()`` if callbacks are async and requests come by WSGI.
    """

    def __init__(
        self,
        config: Config[U] | None = None,
        *,
        protect: Paths | None = None,
        public: Paths = (),
        runtime: InlineRuntime | PortalRuntime | None = None,
    ) -> None:
        self.own_setup: Setup[U] | None = None
        """None if the settings decide."""
        if config is not None:
            self.own_setup = Setup(config, protect=protect, public=public, runtime=runtime)

    @property
    def setup(self) -> Setup[U]:
        """What is configured."""
        return self.own_setup or cast("Setup[U]", current_setup())

    @property
    def auth(self) -> SyncAuth[U]:
        """What answers requests that come by WSGI. Raises like `SyncAuth`."""
        return self.setup.auth

    @property
    def aauth(self) -> Auth[U]:
        """What answers requests that come by ASGI. Raises like `Auth`."""
        return self.setup.aauth

    def exchange(self, request: Any) -> Exchange[U]:
        """What is known of this request."""
        return exchange_of(request, self.setup)

    # --- in a view ------------------------------------------------------------------------------

    def session(self, request: Any) -> Session[U] | None:
        """Who is signed in.

        With `AuthMiddleware` a session in use is rolled on; without it, reading changes nothing. Raises
        like `Auth.session`.
        """
        return self.exchange(request).session()

    async def asession(self, request: Any) -> Session[U] | None:
        """See `session`."""
        return await self.exchange(request).asession()

    def update_session(self, request: Any, data: Any) -> Session[U] | None:
        """Run the callbacks with ``trigger="update"`` and ``data``, as the client's ``update()`` does.

        The new cookie goes out with whatever the view returns.

        Raises:
            RuntimeError: if no `AuthMiddleware` will send it, or the answer has begun.
        """
        exchange = self.exchange(request)
        session = exchange.call(_updating(exchange), data, *_jar(exchange))
        exchange.attach()
        return cast("Session[U] | None", session)

    async def aupdate_session(self, request: Any, data: Any) -> Session[U] | None:
        """See `update_session`."""
        exchange = self.exchange(request)
        session = await exchange.acall(_updating(exchange), data, *_jar(exchange))
        exchange.attach()
        return cast("Session[U] | None", session)

    def sign_in(
        self,
        request: Any,
        provider: str | None = None,
        *,
        form: Mapping[str, Any] | None = None,
        callback_url: str | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Any:
        """Sign in from a view of your own; returns the redirect to give. See `Auth.sign_in`."""
        exchange = self.exchange(request)
        options = {"form": _plain(form), "callback_url": callback_url, "params": params}
        return to_response(exchange.call(exchange.visit.sign_in, provider, **options))

    async def asign_in(
        self,
        request: Any,
        provider: str | None = None,
        *,
        form: Mapping[str, Any] | None = None,
        callback_url: str | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Any:
        """See `sign_in`."""
        exchange = self.exchange(request)
        options = {"form": _plain(form), "callback_url": callback_url, "params": params}
        return to_response(await exchange.acall(exchange.visit.sign_in, provider, **options))

    def sign_out(
        self, request: Any, *, callback_url: str | None = None, everywhere: bool = False
    ) -> Any:
        """End the session; returns the redirect to give, which clears the cookies."""
        exchange = self.exchange(request)
        options = {"callback_url": callback_url, "everywhere": everywhere}
        response: Response = exchange.call(exchange.visit.sign_out, **options)
        exchange.attach()
        return to_response(response)

    async def asign_out(
        self, request: Any, *, callback_url: str | None = None, everywhere: bool = False
    ) -> Any:
        """See `sign_out`."""
        exchange = self.exchange(request)
        options = {"callback_url": callback_url, "everywhere": everywhere}
        response: Response = await exchange.acall(exchange.visit.sign_out, **options)
        exchange.attach()
        return to_response(response)

    def passkeys(self, request: Any) -> SyncPasskeys[U]:
        """The passkeys of whoever is signed in: ``auth.passkeys(request).list()``."""
        return sync_passkeys(self.exchange(request))

    def apasskeys(self, request: Any) -> Passkeys[U]:
        """As `passkeys`: ``await auth.apasskeys(request).list()``."""
        return async_passkeys(self.exchange(request))

    # --- around a view --------------------------------------------------------------------------

    def required(self, view: F) -> F:
        """Decorator: only for people who are signed in.

        Browsers are sent to the sign-in page and come back afterwards; programs get 401. ``view`` is a
        function, sync or async, or a method that takes the request.
        """
        return self.require(_anybody)(view)

    def require(self, predicate: Predicate[U]) -> Callable[[F], F]:
        """Decorator: only for people whose session passes ``predicate``; others get 403.

        Like Django's own ``user_passes_test``, async views call a plain ``predicate`` in the thread of
        the sync code, so it may ask the database.
        """

        def decorate(view: F) -> F:
            @wraps(view)
            def guarded(*args: Any, **kwargs: Any) -> Any:
                refusal = self.refusal(_request(args, kwargs), predicate)
                return view(*args, **kwargs) if refusal is None else refusal

            @wraps(view)
            async def aguarded(*args: Any, **kwargs: Any) -> Any:
                refusal = await self.arefusal(_request(args, kwargs), predicate)
                return await view(*args, **kwargs) if refusal is None else refusal

            return cast("F", aguarded if iscoroutinefunction(view) else guarded)

        return decorate

    def refusal(self, request: Any, predicate: Predicate[U]) -> Any:
        """The answer for somebody who is not signed in; None if ``predicate`` lets them pass.

        Raises:
            PermissionDenied: if it does not.
        """
        exchange = self.exchange(request)
        session = exchange.session()
        if session is None:
            return to_response(exchange.unauthenticated())
        verdict = predicate(session)
        if not (async_to_sync(_finish)(verdict) if isawaitable(verdict) else verdict):
            raise PermissionDenied
        return None

    async def arefusal(self, request: Any, predicate: Predicate[U]) -> Any:
        """See `refusal`."""
        exchange = self.exchange(request)
        session = await exchange.asession()
        if session is None:
            return to_response(exchange.unauthenticated())
        if predicate is _anybody:
            return None  # nothing to ask in another thread
        ask: Any = predicate
        if not iscoroutinefunction(predicate):
            ask = sync_to_async(predicate, thread_sensitive=True)
        verdict = await ask(session)
        if not (await verdict if isawaitable(verdict) else verdict):
            raise PermissionDenied
        return None


def _anybody(_session: Session[Any]) -> bool:
    """The condition of those who only need to be signed in."""
    return True


async def _finish(verdict: Awaitable[bool]) -> bool:
    return await verdict


def _updating(exchange: Exchange[Any]) -> Callable[..., Any]:
    return exchange.visit.update_session


def _jar(exchange: Exchange[Any]) -> tuple[Any, ...]:
    """What ``update_session`` needs besides the data."""
    if exchange.visit.jar is None:
        raise RuntimeError(
            "update_session changes the session cookie, and nothing will send it: "
            'add "authwire.integrations.django.AuthMiddleware" to MIDDLEWARE'
        )
    return () if isinstance(exchange.visit, SyncVisit) else (exchange.visit.jar,)


def _plain(form: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """``request.POST`` is a dict of lists inside."""
    return form.dict() if isinstance(form, MultiValueDict) else form


def _request(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    for value in (*args, *kwargs.values()):
        if isinstance(native_of(value), HttpRequest):
            return value
    raise TypeError("a view that needs a session must take the request")


auth: DjangoAuth[User] = DjangoAuth()
"""What ``settings.AUTHWIRE`` configures."""
