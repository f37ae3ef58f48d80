"""What is configured, resolved once for sync requests and once for async ones."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any, Final, Generic, TypeAlias

from django.apps import apps  # type: ignore[import-untyped]  # Django has no types
from django.core.exceptions import ImproperlyConfigured  # type: ignore[import-untyped]  # as above
from django.urls import NoReverseMatch, get_script_prefix, reverse  # type: ignore[import-untyped]  # as above

from authwire.adapters.django import AsyncDjangoAdapter, DjangoAdapter
from authwire.auth import Auth, SyncAuth
from authwire.config import AuthConfig
from authwire.errors import ConfigError, ConfigProblem
from authwire.http import Request
from authwire.integrations._blueprint import Mount
from authwire.integrations._paths import Gate, Paths
from authwire.integrations.django.runtime import DjangoRuntime
from authwire.integrations.django.signals import with_signals
from authwire.models import U
from authwire.runtime import InlineRuntime, PortalRuntime

__all__ = ["Config", "Setup", "routes_path"]

Config: TypeAlias = AuthConfig[U] | Callable[[Request], AuthConfig[U]]
_ORM: Final = "authwire.adapters.django"
_MAX_CONFIGS: Final = 256
"""Configs kept that were chosen by request."""


class Setup(Generic[U]):
    """One configuration of the project. Nothing is resolved before it is needed.

    Args:
        config: see `DjangoAuth`, as for the others.
    """

    def __init__(
        self,
        config: Config[U],
        *,
        protect: Paths | None = None,
        public: Paths = (),
        runtime: InlineRuntime | PortalRuntime | None = None,
    ) -> None:
        self._config = config
        self._protect = protect
        self._public = public
        self._runtime = runtime or InlineRuntime()
        self._fits = {way: _Fit[U](self._runtime, is_async=way) for way in (False, True)}

    @cached_property
    def auth(self) -> SyncAuth[U]:
        """What answers requests that come by WSGI.

        Raises:
            ConfigError: naming every fault of the config.
        """
        return SyncAuth(self._source(is_async=False), runtime=self._runtime)

    @cached_property
    def aauth(self) -> Auth[U]:
        """What answers requests that come by ASGI.

        Raises:
            ConfigError: as above.
        """
        return Auth(self._source(is_async=True), runtime=DjangoRuntime())

    @property
    def base_path(self) -> str:
        """See `Auth.base_path`. Raises like `Auth`."""
        resolved: SyncAuth[U] | None = self.__dict__.get("auth")
        return self.aauth.base_path() if resolved is None else resolved.base_path()

    def mount(self, *, is_async: bool) -> Mount:
        """Where the routes are."""
        return self._amount if is_async else self._mount

    @cached_property
    def _mount(self) -> Mount:
        return Mount(self.auth)

    @cached_property
    def _amount(self) -> Mount:
        return Mount(self.aauth)

    @cached_property
    def gate(self) -> Gate:
        """The protected paths."""
        routes = None if self._protect is None else routes_path()
        return Gate(self._protect, self._public, routes=routes)

    def people(self, request: Request) -> DjangoAdapter[U] | None:
        """The adapter, if users are Django's."""
        chosen = self._config if isinstance(self._config, AuthConfig) else self._config(request)
        adapter = self._fits[False](chosen).adapter
        return adapter if isinstance(adapter, DjangoAdapter) else None

    def _source(self, *, is_async: bool) -> Config[U]:
        config, fit = self._config, self._fits[is_async]
        return (
            fit(config) if isinstance(config, AuthConfig) else lambda request: fit(config(request))
        )


class _Fit(Generic[U]):
    """Fills in what Django knows: the adapter, and its signals. The same object for the same config.

    Args:
        runtime: of sync requests.
        is_async: whether it is for the others.
    """

    def __init__(self, runtime: InlineRuntime | PortalRuntime, *, is_async: bool) -> None:
        self._in_loop = is_async or runtime.is_async
        # Django closes connections around requests; nobody does in the threads of a portal.
        self._foreign_threads = runtime.is_async and not is_async
        self._kept: OrderedDict[int, tuple[AuthConfig[U], AuthConfig[U]]] = OrderedDict()

    def __call__(self, config: AuthConfig[U]) -> AuthConfig[U]:
        kept = self._kept.get(id(config))
        if kept is not None and kept[0] is config:
            return kept[1]
        fitted = self._fitted(config)
        self._kept[id(config)] = (config, fitted)
        if len(self._kept) > _MAX_CONFIGS:
            self._kept.popitem(last=False)
        return fitted

    def _fitted(self, config: AuthConfig[U]) -> AuthConfig[U]:
        adapter: Any = config.adapter
        if adapter is None and apps.is_installed(_ORM):
            adapter = self._default_adapter(config)
        if isinstance(adapter, AsyncDjangoAdapter):
            adapter = adapter.sync  # the runtime finds the right thread, in a sync app too
        events = config.events
        if isinstance(adapter, DjangoAdapter) and apps.is_installed("django.contrib.auth"):
            events = with_signals(events, adapter, in_loop=self._in_loop)
        return replace(config, adapter=adapter, events=events)

    def _default_adapter(self, config: AuthConfig[U]) -> DjangoAdapter[U]:
        try:
            return DjangoAdapter(user=config.user, close_connections=self._foreign_threads)
        except (ImproperlyConfigured, TypeError) as exc:
            hint = "AuthConfig(adapter=DjangoAdapter(…)), see docs/adapters/django.md"
            problem = ConfigProblem("InvalidAdapter", "adapter", str(exc), hint)
            raise ConfigError([problem]) from exc


def routes_path() -> str | None:
    """Where the routes are in the project; None if nowhere."""
    try:
        url: str = reverse("auth:signin")
    except NoReverseMatch:
        return None
    return url.removeprefix(get_script_prefix().rstrip("/")).removesuffix("/signin")
