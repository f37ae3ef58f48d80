"""Walks a config once and collects what is wrong with it on the way to the engine."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, TypeVar, cast
from urllib.parse import urlsplit

from authwire.config import AuthConfig
from authwire.core.at_rest import protected
from authwire.core.database import has
from authwire.core.engine import BoundCallbacks, BoundProvider, Engine, TrustedHosts
from authwire.core.events import EventBus, EventName
from authwire.core.log import Log
from authwire.core.metadata import Directory
from authwire.core.session_cache import cached
from authwire.errors import ConfigError, ConfigProblem, EventLoopRequired
from authwire.models import U, User
from authwire.pages import Renderer, page_problems
from authwire.ports import Adapter, Http, Logger, Mailer, Runtime
from authwire.providers._types import WebAuthn
from authwire.resolve.adapters import adapter_io, adapter_problems, bound_adapter
from authwire.resolve.cookies import cookie_table
from authwire.resolve.outside import BoundHttp, BoundMailer, OwnMailer
from authwire.resolve.providers import provider_problems, with_environment
from authwire.runtime import AsyncHttp, SyncHttp
from authwire.texts import Texts

__all__ = ["log_for", "resolve"]

F = TypeVar("F", bound=Callable[..., Any])
_BASE_PATH: Final = re.compile(r"(/[A-Za-z0-9._~\-]+)*\Z")
_EVENTS: Final[tuple[EventName, ...]] = (
    "sign_in",
    "sign_out",
    "create_user",
    "update_user",
    "link_account",
    "session",
)


def log_for(config: AuthConfig[U]) -> Log:
    """Where this config wants its log."""
    logger = config.logger or cast("Logger", logging.getLogger("authwire"))
    return Log(logger, debug=config.debug)


def resolve(config: AuthConfig[U], runtime: Runtime, environ: Mapping[str, str]) -> Engine[U]:
    """Build the engine.

    Raises:
        ConfigError: naming every fault and its fix.
    """
    return _Resolver(config, runtime, environ).engine()


class _Resolver(Generic[U]):
    """Walks a config once, collecting problems as it goes."""

    def __init__(self, config: AuthConfig[U], runtime: Runtime, environ: Mapping[str, str]) -> None:
        self.config = config
        self.runtime = runtime
        self.environ = environ
        self.problems: list[ConfigProblem] = []
        self.log = log_for(config)

    def problem(self, type_: str, where: str, message: str, hint: str) -> None:
        self.problems.append(ConfigProblem(type_, where, message, hint))

    def engine(self) -> Engine[U]:
        config = self.config
        secrets = self._secrets()
        jwt_secret = config.jwt.secret
        url, base_path = self._address()
        now = config.now or _utc_now
        http, mailer = self._http(), self._mailer()
        providers = self._providers()
        database = self._database(secrets)
        strategy = config.session.strategy or ("database" if config.adapter else "jwt")
        self._check_sessions(strategy)
        self.problems += adapter_problems(
            config.adapter, strategy, [bound.provider.type for bound in providers.values()]
        )
        user_type = self._user_type()
        plain, on_http = cookie_table(config.cookies, secure=False)
        secure, on_https = cookie_table(config.cookies, secure=True)
        if config.use_secure_cookies is not True:
            self.problems += on_http
        if config.use_secure_cookies is not False:
            self.problems += [problem for problem in on_https if problem not in self.problems]
        proxy = config.redirect_proxy_url or self.environ.get("AUTH_REDIRECT_PROXY_URL")
        values = [bound.provider for bound in providers.values()]
        self.problems += page_problems(config.theme, values)
        callbacks, events = self._callbacks(), self._events()
        hosts = self._hosts(url)
        if self.problems:
            raise ConfigError(self.problems)
        return Engine(
            base_path=base_path,
            hosts=hosts,
            secrets=secrets,
            jwt_secrets=_as_tuple(jwt_secret) if jwt_secret else secrets,
            providers=providers,
            proxy_origin=_origin(proxy) if proxy else None,
            user_type=user_type,
            strategy=strategy,
            max_age=config.session.max_age,
            update_age=config.session.update_age,
            absolute_max_age=config.session.absolute_max_age,
            jwt_max_age=config.jwt.max_age or config.session.max_age,
            generate_session_token=config.session.generate_session_token,
            database=database,
            callbacks=callbacks,
            events=events,
            pages=config.pages,
            theme=config.theme,
            texts=config.texts if isinstance(config.texts, Texts) else Texts(),
            renderer=Renderer(theme=config.theme, providers=values),
            cookies_plain=plain,
            cookies_secure=secure,
            use_secure_cookies=config.use_secure_cookies,
            skip_csrf_check=config.skip_csrf_check,
            http=http,
            mailer=mailer,
            directory=Directory(http, now),
            log=self.log,
            now=now,
            random=os.urandom,
            new_id=_new_id,
        )

    # --- values ---------------------------------------------------------------------------------

    def _secrets(self) -> tuple[str, ...]:
        given = _as_tuple(self.config.secret) if self.config.secret else ()
        if not given:
            names = ("AUTH_SECRET_3", "AUTH_SECRET_2", "AUTH_SECRET_1", "AUTH_SECRET")
            given = tuple(value for name in names if (value := self.environ.get(name)))
        if not given or not all(given):
            self.problem(
                "MissingSecret",
                "secret",
                "there is no secret to encrypt cookies with",
                "set AUTH_SECRET, or AuthConfig(secret=…); `authwire secret` makes one",
            )
        elif len(given[0]) < 32:
            self.log.warning(
                "weak-secret",
                "the secret is shorter than 32 characters; `authwire secret` makes one",
            )
        return given

    def _address(self) -> tuple[str | None, str]:
        """The fixed origin, if there is one, and the base path."""
        url = self.config.url or self.environ.get("AUTH_URL")
        path = self.config.base_path
        origin = None
        if url:
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
                self.problem(
                    "InvalidUrl", "url", "not an http(s) URL", "AUTH_URL=https://app.example"
                )
            else:
                origin = f"{parts.scheme}://{parts.netloc.lower()}"
                if path is None and parts.path.strip("/"):
                    path = parts.path
        base_path = (path if path is not None else "/auth").rstrip("/")
        if not _BASE_PATH.match(base_path):
            self.problem(
                "InvalidBasePath", "base_path", "not a plain path", 'AuthConfig(base_path="/auth")'
            )
        return origin, base_path

    def _hosts(self, url: str | None) -> TrustedHosts:
        given, forwarded = self.config.trust_host, self.config.trust_forwarded_host
        if given is None and (word := self.environ.get("AUTH_TRUST_HOST")) is not None:
            # A list of hosts, or a switch. Auth.js takes even "false" for yes; we don't.
            switch = word.strip().lower()
            if switch in ("", "0", "false", "no"):
                given = False
            elif switch in ("1", "true", "yes"):
                given = True
            else:
                given = [host.strip() for host in word.split(",")]
        if given is True:
            return TrustedHosts(url=url, rule="any", forwarded_host=forwarded)
        if given is False:
            return TrustedHosts(url=url, rule="none", forwarded_host=forwarded)
        if given is None:
            return TrustedHosts(url=url, rule="loopback", forwarded_host=forwarded)
        rule = (given,) if isinstance(given, str) else tuple(given)
        return TrustedHosts(
            url=url, rule=tuple(host.lower() for host in rule), forwarded_host=forwarded
        )

    def _user_type(self) -> type[U]:
        given: Any = self.config.user or User
        if not (isinstance(given, type) and issubclass(given, User) and is_dataclass(given)):
            self.problem(
                "InvalidUser",
                "user",
                "not a dataclass that extends authwire.User",
                "@dataclass(frozen=True, kw_only=True) class Member(User): …",
            )
        return cast("type[U]", given)

    def _check_sessions(self, strategy: str) -> None:
        session = self.config.session
        for name, value, least in (
            ("max_age", session.max_age, timedelta(seconds=1)),
            ("update_age", session.update_age, timedelta(0)),
            ("absolute_max_age", session.absolute_max_age, timedelta(seconds=1)),
            ("cache", session.cache, timedelta(milliseconds=1)),
        ):
            if value is not None and value < least:
                self.problem(
                    "InvalidSession", f"session.{name}", "too short", "a positive timedelta"
                )
        if session.cache_size < 1:
            self.problem("InvalidSession", "session.cache_size", "too small", "at least 1")
        own_tokens = session.generate_session_token is not None
        if strategy == "database" and session.absolute_max_age is not None and own_tokens:
            self.problem(
                "InvalidSession",
                "session.generate_session_token",
                "absolute_max_age needs Authwire's own tokens, which tell when the sign-in was",
                "leave out one of the two",
            )

    # --- the outside ----------------------------------------------------------------------------

    def _http(self) -> Http:
        client = self.config.http_client
        if hasattr(client, "send") and not hasattr(client, "build_request"):
            return BoundHttp(self._bind(client.send, "http_client", drivable=True))
        try:
            return AsyncHttp(client) if self.runtime.is_async else SyncHttp(client)
        except TypeError as exc:
            hint = "httpx2.AsyncClient() in an async app, httpx2.Client() in a sync one"
            self.problem("InvalidHttpClient", "http_client", str(exc), hint)
            return SyncHttp()

    def _mailer(self) -> Mailer:
        own = self.config.mailer
        if own is None:
            return OwnMailer(is_async=self.runtime.is_async)
        return BoundMailer(self.runtime.call(own.send, blocking=True, drivable=True))

    def _database(self, secrets: tuple[str, ...]) -> Adapter[U] | None:
        adapter = self.config.adapter
        if adapter is None:
            return None
        if adapter_io(adapter) == "async" and not self.runtime.is_async:
            self.problem(
                "AsyncAdapter",
                "adapter",
                f"{type(adapter).__name__} does async I/O, but this is a sync app",
                "use a sync engine or adapter, or SyncAuth(config, runtime=PortalRuntime())",
            )
            return None
        at_rest, shared = self.config.at_rest, getattr(adapter, "shared_with_authjs", False)
        hashed = at_rest.session_tokens or ("plain" if shared else "hashed")
        encrypted = at_rest.provider_tokens or ("plain" if shared else "encrypted")
        database = bound_adapter(adapter, self.runtime)
        session = self.config.session
        if session.cache is not None and has(database, "get_session_and_user"):
            # Below the hashing, so that no readable token is kept.
            now = self.config.now or _utc_now
            database = cached(database, life=session.cache, size=session.cache_size, now=now)
        return protected(
            database,
            hash_sessions=hashed == "hashed",
            seal_with=(_as_tuple(at_rest.secret) if at_rest.secret else secrets)
            if encrypted == "encrypted"
            else (),
        )

    # --- callables ------------------------------------------------------------------------------

    def _bind(
        self,
        fn: Callable[..., Any],
        where: str,
        *,
        blocking: bool = False,
        drivable: bool = False,
    ) -> Any:
        try:
            return self.runtime.call(fn, blocking=blocking, drivable=drivable)
        except EventLoopRequired as exc:
            self.problem("AsyncInSyncApp", where, str(exc), "see docs/sync.md")
            return fn

    def _maybe(self, fn: Callable[..., Any] | None, where: str) -> Any:
        return None if fn is None else self._bind(fn, where)

    def _callbacks(self) -> BoundCallbacks[U]:
        callbacks, jwt = self.config.callbacks, self.config.jwt
        texts = self.config.texts
        return BoundCallbacks(
            sign_in=self._maybe(callbacks.sign_in, "callbacks.sign_in"),
            redirect=self._maybe(callbacks.redirect, "callbacks.redirect"),
            jwt=self._maybe(callbacks.jwt, "callbacks.jwt"),
            session=self._maybe(callbacks.session, "callbacks.session"),
            authorized=self._maybe(callbacks.authorized, "callbacks.authorized"),
            texts=None if isinstance(texts, Texts) else self._bind(texts, "texts"),
            encode=self._maybe(jwt.encode, "jwt.encode"),
            decode=self._maybe(jwt.decode, "jwt.decode"),
        )

    def _events(self) -> EventBus:
        handlers: dict[EventName, Callable[[Any], Awaitable[object]]] = {
            name: self._bind(handler, f"events.{name}")
            for name in _EVENTS
            if (handler := getattr(self.config.events, name)) is not None
        }
        return EventBus(handlers, self.log)

    def _providers(self) -> Mapping[str, BoundProvider]:
        bound: dict[str, BoundProvider] = {}
        proxy = self.config.redirect_proxy_url or self.environ.get("AUTH_REDIRECT_PROXY_URL")
        for index, given in enumerate(self.config.providers):
            provider = with_environment(given() if callable(given) else given, self.environ, proxy)
            where = f"providers[{index}] ({provider.id})"
            self.problems += provider_problems(provider, where)
            if provider.id in bound:
                self.problem(
                    "InvalidProvider", where, "the id is taken by an earlier provider", "id=…"
                )
            hooks = {
                name: self._bind(
                    hook,
                    f"{where}: {name}",
                    blocking=name in _SLOW_HOOKS,
                    drivable=name in _HTTP_HOOKS,
                )
                for name in _HOOKS
                if (hook := getattr(provider, name, None)) is not None
            }
            bound[provider.id] = BoundProvider(provider=provider, hooks=hooks)
        resolved = [item.provider for item in bound.values()]
        if any(isinstance(provider, WebAuthn) for provider in resolved):
            from authwire.resolve.passkeys import passkey_problems  # with all that passkeys need

            self.problems += passkey_problems(resolved)
        return bound


_HOOKS: Final = (
    "profile",
    "fetch_profile",
    "extend_profile",
    "authorize",
    "generate_token",
    "get_relying_party",
    "get_user_info",
    "send",
)
_SLOW_HOOKS: Final = frozenset({"authorize", "get_user_info", "send"})
"""Hash a password, talk to a server or a database: a plain function of these gets a thread in an async app."""
_HTTP_HOOKS: Final = frozenset({"fetch_profile", "extend_profile", "send"})
"""Coroutine functions that get our own `Http`, which never waits in a sync app."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    """A random UUID (RFC 9562 §5.4), made in half the time that `uuid` takes."""
    text = os.urandom(16).hex()
    variant = "89ab"[int(text[16], 16) & 3]
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"


def _as_tuple(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"
