"""What both façades do: find the engine of a request, and call the core."""

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
from authwire.core.protect import authorize, token_claims
from authwire.core.replies import bad_request, redirect
from authwire.core.route import Route, route
from authwire.core.sessions import sessions_of
from authwire.core.urls import with_params
from authwire.errors import AdapterError, ConfigError, UnknownAction
from authwire.http import Headers, Request, Response
from authwire.models import JSON, Session, U
from authwire.pages import Renderer
from authwire.ports import Adapter, Runtime
from authwire.resolve import log_for, resolve
from authwire.runtime import AsyncHttp, SyncHttp
from authwire.texts import Texts

__all__ = ["ConfigSource", "Front"]

ConfigSource: TypeAlias = AuthConfig[U] | Callable[[Request], AuthConfig[U]]
_MAX_ENGINES: Final = 256
"""Engines kept for configs that are chosen by request."""


class Front(Generic[U]):
    """The one implementation behind `Auth` and `SyncAuth`, which say what each method does."""

    def __init__(
        self, config: ConfigSource[U], runtime: Runtime, environ: Mapping[str, str] | None
    ) -> None:
        self.runtime = runtime
        self._environ = os.environ if environ is None else environ
        self._engines: OrderedDict[int, tuple[AuthConfig[U], Engine[U]]] = OrderedDict()
        self._engine: Engine[U] | None = None
        """The one engine, unless the config is chosen by request."""
        self.config = config if isinstance(config, AuthConfig) else None
        """The config; None if it is chosen by request."""
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
        if len(self._engines) > _MAX_ENGINES:
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
        if jar is not None and ctx.jar:
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
        return response.with_cookies(ctx.jar.take())

    def database(self, request: Request | None) -> Adapter[U]:
        if request is None and self._engine is None:
            raise ValueError("the config is chosen by request: pass the request")
        engine = self._engine if request is None else self.engine(request)
        if engine is None or engine.database is None:
            raise AdapterError("the config has no adapter")
        return engine.database

    async def sign_out(
        self, request: Request, callback_url: str | None, *, everywhere: bool
    ) -> Response:
        ctx = self.context(request)
        if everywhere:
            await sessions_of(ctx.engine).end_others(ctx)
        await sessions_of(ctx.engine).end(ctx)
        target = await resolve_redirect(ctx, callback_url) if callback_url else ctx.origin
        return redirect(target).with_cookies(ctx.jar.take())

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
