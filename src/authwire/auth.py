"""`Auth` for async apps, `SyncAuth` for sync ones: the same verbs over the same core."""

from __future__ import annotations

import json
import os
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, Generic, TypeAlias

from authwire.config import AuthConfig
from authwire.core.actions.callback import callback
from authwire.core.context import Context
from authwire.core.engine import Engine
from authwire.core.flows import FLOWS
from authwire.core.guards import enter, glance, resolve_redirect
from authwire.core.handle import handle, misconfigured
from authwire.core.jar import CookieJar
from authwire.core.protect import authorize, token_claims, unauthenticated
from authwire.core.replies import bad_request, redirect
from authwire.core.route import Route, route
from authwire.core.sessions import sessions_of
from authwire.core.urls import with_params
from authwire.errors import ConfigError, UnknownAction
from authwire.http import Headers, Request, Response
from authwire.models import JSON, Session, U
from authwire.pages import Renderer
from authwire.passkeys import Passkeys, SyncPasskeys
from authwire.ports import Runtime
from authwire.resolve import log_for, resolve
from authwire.runtime import (
    AnyioRuntime,
    AsyncHttp,
    InlineRuntime,
    PortalRuntime,
    SyncHttp,
)
from authwire.runtime.asgi import ASGIApp, asgi_app
from authwire.runtime.wsgi import WSGIApp, wsgi_app
from authwire.texts import Texts

__all__ = ["Auth", "SyncAuth"]

ConfigSource: TypeAlias = AuthConfig[U] | Callable[[Request], AuthConfig[U]]
MAX_ENGINES: Final = 256
"""Engines kept for configs that are chosen by request."""


class _Front(Generic[U]):
    """What both façades share: finding the engine of a request."""

    def __init__(
        self, config: ConfigSource[U], runtime: Runtime, environ: Mapping[str, str] | None
    ) -> None:
        self.runtime = runtime
        self._environ = os.environ if environ is None else environ
        self._engines: OrderedDict[int, tuple[AuthConfig[U], Engine[U]]] = OrderedDict()
        self._engine: Engine[U] | None = None
        """The one engine, unless the config is chosen by request."""
        self._choose: Callable[[Request], AuthConfig[U]]
        if isinstance(config, AuthConfig):
            self._engine = resolve(config, runtime, self._environ)
            self._choose = lambda _request: config
        else:
            self._choose = config

    def engine(self, request: Request) -> Engine[U]:
        """The engine that answers ``request``.

        Raises:
            ConfigError: if the config was chosen by request and has a fault.
        """
        if self._engine is not None:
            return self._engine
        config = self._choose(request)
        kept = self._engines.get(id(config))
        if kept is not None and kept[0] is config:
            self._engines.move_to_end(id(config))
            return kept[1]
        engine = resolve(config, self.runtime, self._environ)
        self._engines[id(config)] = (config, engine)
        if len(self._engines) > MAX_ENGINES:
            self._engines.popitem(last=False)
        return engine

    def base_path(self, request: Request | None = None) -> str:
        """Where the routes are: ``/auth`` unless configured otherwise."""
        if self._engine is not None:
            return self._engine.base_path
        if request is None:
            return "/auth"
        return self.engine(request).base_path

    async def handle(self, request: Request) -> Response:
        try:
            engine = self.engine(request)
        except ConfigError as error:
            return self._broken(request, error)
        return await handle(engine, request)

    def _broken(self, request: Request, error: ConfigError) -> Response:
        """Answer for a config that was chosen by request and cannot work."""
        config = self._choose(request)
        log_for(config).error(error)
        base_path = config.base_path or "/auth"
        try:
            target = route(request.method, request.path, base_path)
        except UnknownAction:
            return bad_request()
        return misconfigured(
            request,
            target,
            pages=config.pages,
            renderer=Renderer(theme=config.theme, providers=()),
            texts=config.texts if isinstance(config.texts, Texts) else Texts(),
            base_path=base_path,
        )

    async def close(self) -> None:
        """Close the HTTP connections that were opened; those of the app's own client stay."""
        engines = [engine for _, engine in self._engines.values()]
        for engine in [*engines, self._engine] if self._engine is not None else engines:
            if isinstance(engine.http, AsyncHttp):
                await engine.http.aclose()
            elif isinstance(engine.http, SyncHttp):
                engine.http.close()

    # --- for app code ---------------------------------------------------------------------------

    def context(self, request: Request) -> Context[U]:
        return glance(self.engine(request), request)

    async def session(self, request: Request, jar: CookieJar | None) -> Session[U] | None:
        ctx = self.context(request)
        if jar is None and not _has_session_cookie(ctx):
            return None
        session = await sessions_of(ctx.engine).read(ctx, "app" if jar is not None else "peek")
        if jar is not None:
            jar.add(ctx.jar)
        return session

    async def update_session(
        self, request: Request, data: Any, jar: CookieJar
    ) -> Session[U] | None:
        ctx = self.context(request)
        session = await sessions_of(ctx.engine).read(ctx, "update", data)
        jar.add(ctx.jar)
        return session

    async def authorize(
        self, request: Request, jar: CookieJar | None
    ) -> tuple[Session[U] | None, Response | None]:
        ctx = self.context(request)
        session, refusal = await authorize(ctx, "app" if jar is not None else "peek")
        if jar is not None:
            jar.add(ctx.jar)
        return session, refusal

    async def sign_in(
        self,
        request: Request,
        provider: str | None,
        form: Mapping[str, Any],
        callback_url: str | None,
        params: Mapping[str, str],
    ) -> Response:
        engine = self.engine(request)
        if provider is None:
            page = engine.pages.sign_in or f"{engine.base_path}/signin"
            return redirect(with_params(page, {"callbackUrl": callback_url or request.target}))
        fields = dict(form)
        if callback_url is not None:
            fields["callbackUrl"] = callback_url
        ctx = await enter(
            engine,
            _as_post(request, engine, f"signin/{provider}", fields),
            Route("signin", provider),
        )
        ctx.csrf_verified = True  # app code asks, not a form
        ctx.authorization_params = params
        if FLOWS[ctx.provider.type].csrf_on_callback:
            response = await callback(ctx)  # nothing to begin: the form is the proof
        else:
            response = await FLOWS[ctx.provider.type].begin(ctx)
        return replace(response, cookies=response.cookies + ctx.jar.take())

    async def sign_out(self, request: Request, callback_url: str | None) -> Response:
        ctx = self.context(request)
        await sessions_of(ctx.engine).end(ctx)
        target = await resolve_redirect(ctx, callback_url) if callback_url else ctx.origin
        return replace(redirect(target), cookies=ctx.jar.take())

    async def get_token(self, request: Request) -> JSON | None:
        return await token_claims(self.context(request))


def _has_session_cookie(ctx: Context[U]) -> bool:
    name = ctx.cookies.session_token.name
    return name in ctx.request.cookies or f"{name}.0" in ctx.request.cookies


def _as_post(
    request: Request, engine: Engine[U], action: str, fields: Mapping[str, Any]
) -> Request:
    """``request`` as if the browser had posted ``fields`` to an action of ours."""
    headers = [(k, v) for k, v in request.headers if k not in ("content-type", "content-length")]
    return replace(
        request,
        method="POST",
        path=f"{engine.base_path}/{action}",
        query_string="",
        headers=Headers([*headers, ("content-type", "application/json")]),
        body=json.dumps(fields).encode(),
    )


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
        self._front = _Front(config, runtime or AnyioRuntime(), environ)

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

    async def sign_out(self, request: Request, *, callback_url: str | None = None) -> Response:
        """End the session; returns the redirect to give, with the clearing cookies."""
        return await self._front.sign_out(request, callback_url)

    async def get_token(self, request: Request) -> JSON | None:
        """The claims of the session token in the cookie or in ``Authorization: Bearer``.

        No callback sees them. None if there is no token or it cannot be read, and always with database
        sessions.
        """
        return await self._front.get_token(request)

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
        self._front = _Front(config, self._runtime, environ)

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

    def sign_out(self, request: Request, *, callback_url: str | None = None) -> Response:
        """See `Auth.sign_out`."""
        return self._runtime.run(self._front.sign_out(request, callback_url))

    def get_token(self, request: Request) -> JSON | None:
        """See `Auth.get_token`."""
        return self._runtime.run(self._front.get_token(request))

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
