"""`Auth` for async apps, `SyncAuth` for sync ones: the same verbs over the same core."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic

from authwire.config import AuthConfig
from authwire.core.engine import Engine
from authwire.core.jar import CookieJar
from authwire.core.protect import unauthenticated
from authwire.front import ConfigSource, Front
from authwire.http import Request, Response
from authwire.models import JSON, Session, U
from authwire.passkeys import Passkeys, SyncPasskeys
from authwire.ports import Adapter, Runtime, SyncAdapter
from authwire.resolve.adapters import plain_adapter
from authwire.runtime import AnyioRuntime, InlineRuntime, PortalRuntime
from authwire.runtime.asgi import ASGIApp, asgi_app
from authwire.runtime.wsgi import WSGIApp, wsgi_app

__all__ = ["Auth", "SyncAuth"]


class Auth(Generic[U]):
    """Authentication for async apps.

    Args:
        config: an `AuthConfig`; or a function that chooses one by request, for several tenants in one
            process. It must return the same object for the same tenant, because each new object is
            resolved anew.
        runtime: how user code is called. Default: asyncio or trio, whichever runs.
        environ: where ``AUTH_*`` is read. Default: the process' environment.

    Raises:
        ConfigError: at once, naming every fault of the config and its fix.
    """

    def __init__(
        self,
        config: ConfigSource[U],
        *,
        runtime: Runtime | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._front = Front(config, runtime or AnyioRuntime(), environ)

    @property
    def config(self) -> AuthConfig[U] | None:
        """The config; None if it is chosen by request."""
        return self._front.config

    def base_path(self, request: Request | None = None) -> str:
        """Where the routes are: ``/auth`` unless configured otherwise."""
        return self._front.base_path(request)

    def engine(self, request: Request) -> Engine[U]:
        """The resolved configuration that answers ``request``."""
        return self._front.engine(request)

    async def handle(self, request: Request) -> Response:
        """Answer a request below the base path. Never raises for anything a client can send."""
        return await self._front.handle(request)

    async def session(self, request: Request, *, jar: CookieJar | None = None) -> Session[U] | None:
        """Who is signed in.

        Args:
            request: the app's request.
            jar: where cookies go that the answer must carry (a session that is rolled on, or a broken
                one that is cleared). Without a jar none are sent.

        Raises:
            AdapterError: if the database failed; that is not "signed out".
            UntrustedHost: if the request's host is not trusted.
        """
        return await self._front.session(request, jar)

    async def update_session(
        self, request: Request, data: Any, *, jar: CookieJar
    ) -> Session[U] | None:
        """Run the callbacks with ``trigger="update"`` and ``data``, as the client's ``update()`` does."""
        return await self._front.update_session(request, data, jar)

    async def authorize(
        self, request: Request, *, jar: CookieJar | None = None
    ) -> tuple[Session[U] | None, Response | None]:
        """The session, and the ``authorized`` callback's refusal if there is one."""
        return await self._front.authorize(request, jar)

    def unauthenticated(self, request: Request) -> Response:
        """What to answer somebody who is not signed in: the sign-in page, or 401 for programs."""
        return unauthenticated(self._front.context(request))

    async def sign_in(
        self,
        request: Request,
        provider: str | None = None,
        *,
        form: Mapping[str, Any] | None = None,
        callback_url: str | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Response:
        """Sign in from app code, such as a form of your own.

        Args:
            request: the app's request.
            provider: its id; None leads to the sign-in page.
            form: the credentials, or ``{"email": …}`` for a magic link.
            callback_url: where to go afterwards.
            params: more parameters for the authorization request, such as ``{"prompt": "login"}``.

        Returns:
            The answer to give: a redirect, with its cookies.

        Raises:
            AuthError: as its class says, such as `CredentialsSignin`.
        """
        return await self._front.sign_in(request, provider, form or {}, callback_url, params or {})

    async def sign_out(
        self, request: Request, *, callback_url: str | None = None, everywhere: bool = False
    ) -> Response:
        """End the session; returns the redirect to give, with the clearing cookies.

        Args:
            request: the app's request.
            callback_url: where to go afterwards.
            everywhere: end all sessions of this user, on all devices.

        Raises:
            SignOutError: if sessions are JWTs and ``everywhere`` is asked for.
            AdapterError: if the database failed to end them everywhere.
        """
        return await self._front.sign_out(request, callback_url, everywhere=everywhere)

    async def get_token(self, request: Request) -> JSON | None:
        """The claims of the session token in the cookie or in ``Authorization: Bearer``.

        No callback sees them. None if there is no token or it cannot be read, and always with database
        sessions.
        """
        return await self._front.get_token(request)

    def database(self, request: Request | None = None) -> Adapter[U]:
        """The adapter as Authwire itself uses it: with readable tokens, failing with `AdapterError`.

        For example, to end all sessions of a user, or to read the provider tokens that are encrypted in
        the table::

            await auth.database().delete_sessions_by_user_id(user_id)
            accounts = await auth.database().list_accounts_by_user_id(user_id)

        Args:
            request: needed only if the config is chosen by request.

        Raises:
            AdapterError: if there is none.
        """
        return self._front.database(request)

    def passkeys(self, request: Request) -> Passkeys[U]:
        """The passkeys of whoever is signed in: ``await auth.passkeys(request).list()``.

        Raises:
            UntrustedHost: if the request's host is not trusted.
        """
        return Passkeys(self._front.context(request))

    async def aclose(self) -> None:
        """Close the connections to providers that were opened in this event loop."""
        await self._front.close()

    @property
    def asgi(self) -> ASGIApp:
        """An ASGI app that serves the routes and nothing else."""
        return asgi_app(self.handle)


class SyncAuth(Generic[U]):
    """Authentication for sync apps: `Auth` without ``await``.

    The core runs inline, in the caller's thread; no event loop is involved, so thread-locals,
    transactions and debuggers behave as in plain code.

    Args:
        config: as for `Auth`.
        runtime: ``PortalRuntime()`` if callbacks or the adapter are async. Default: inline.
        environ: as for `Auth`.

    Raises:
        ConfigError: at once, naming every fault of the config and its fix.
    """

    def __init__(
        self,
        config: ConfigSource[U],
        *,
        runtime: InlineRuntime | PortalRuntime | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._runtime = runtime or InlineRuntime()
        self._front = Front(config, self._runtime, environ)

    @property
    def config(self) -> AuthConfig[U] | None:
        """See `Auth.config`."""
        return self._front.config

    def base_path(self, request: Request | None = None) -> str:
        """See `Auth.base_path`."""
        return self._front.base_path(request)

    def engine(self, request: Request) -> Engine[U]:
        """See `Auth.engine`."""
        return self._front.engine(request)

    def handle(self, request: Request) -> Response:
        """See `Auth.handle`."""
        return self._runtime.run(self._front.handle(request))

    def session(self, request: Request, *, jar: CookieJar | None = None) -> Session[U] | None:
        """See `Auth.session`."""
        return self._runtime.run(self._front.session(request, jar))

    def update_session(self, request: Request, data: Any, *, jar: CookieJar) -> Session[U] | None:
        """See `Auth.update_session`."""
        return self._runtime.run(self._front.update_session(request, data, jar))

    def authorize(
        self, request: Request, *, jar: CookieJar | None = None
    ) -> tuple[Session[U] | None, Response | None]:
        """See `Auth.authorize`."""
        return self._runtime.run(self._front.authorize(request, jar))

    def unauthenticated(self, request: Request) -> Response:
        """See `Auth.unauthenticated`."""
        return unauthenticated(self._front.context(request))

    def sign_in(
        self,
        request: Request,
        provider: str | None = None,
        *,
        form: Mapping[str, Any] | None = None,
        callback_url: str | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Response:
        """See `Auth.sign_in`."""
        return self._runtime.run(
            self._front.sign_in(request, provider, form or {}, callback_url, params or {})
        )

    def sign_out(
        self, request: Request, *, callback_url: str | None = None, everywhere: bool = False
    ) -> Response:
        """See `Auth.sign_out`."""
        return self._runtime.run(self._front.sign_out(request, callback_url, everywhere=everywhere))

    def get_token(self, request: Request) -> JSON | None:
        """See `Auth.get_token`."""
        return self._runtime.run(self._front.get_token(request))

    def database(self, request: Request | None = None) -> SyncAdapter[U]:
        """See `Auth.database`."""
        return plain_adapter(self._front.database(request), self._runtime.run)

    def passkeys(self, request: Request) -> SyncPasskeys[U]:
        """See `Auth.passkeys`."""
        return SyncPasskeys(self._front.context(request), self._runtime)

    def close(self) -> None:
        """Close the connections to providers, and the portal if there is one."""
        self._runtime.run(self._front.close())
        if isinstance(self._runtime, PortalRuntime):
            self._runtime.close()

    @property
    def wsgi(self) -> WSGIApp:
        """A WSGI app that serves the routes and nothing else."""
        return wsgi_app(self.handle)
