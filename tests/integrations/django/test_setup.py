from __future__ import annotations

from typing import Any

import pytest
from django.urls import resolve, reverse
from tests.integrations.django.projects import Projects
from tests.integrations.world import SECRET, World

from authwire import AuthConfig, ConfigError, Events
from authwire.adapters.django import AsyncDjangoAdapter, DjangoAdapter
from authwire.integrations.django import DjangoAuth
from authwire.integrations.django.setup import Setup
from authwire.runtime import PortalRuntime


def test_config_is_resolved_once_for_each_kind_of_request(projects: Projects) -> None:
    projects.settings(World().config())
    own = DjangoAuth(World().config())
    assert own.auth is own.auth
    assert own.aauth is own.aauth
    assert own.setup.base_path == "/auth"


def test_config_that_is_chosen_again_is_the_same_for_the_engine(projects: Projects) -> None:
    projects.settings(World().config())
    fit = Setup(World().config())._fits[False]
    first = World().config()
    fitted = fit(first)
    assert fit(first) is fitted
    for _ in range(300):
        fit(World().config())
    assert fit(first) is not fitted
    assert len(fit._kept) == 256


def test_threads_of_a_portal_close_their_own_connections(projects: Projects) -> None:
    config: AuthConfig[Any] = AuthConfig(secret=SECRET)
    projects.settings(config)
    runtime = PortalRuntime()
    for setup, closes in ((Setup(config), False), (Setup(config, runtime=runtime), True)):
        adapter: Any = setup._fits[False](config).adapter
        assert isinstance(adapter, DjangoAdapter)
        assert adapter._database._close is closes
    runtime.close()


def test_async_adapter_is_used_by_its_sync_half(projects: Projects) -> None:
    adapter: AsyncDjangoAdapter[Any] = AsyncDjangoAdapter()
    projects.settings(None, MIDDLEWARE=[])
    setup = Setup(World().config(adapter=adapter))
    assert [fit(setup._config).adapter for fit in setup._fits.values()] == [adapter.sync] * 2


async def _slow(_event: Any) -> None: ...


def test_async_event_under_wsgi_is_told_by_its_own_name(projects: Projects) -> None:
    config = World().config(adapter=DjangoAdapter(), events=Events(sign_in=_slow))
    projects.settings(config, MIDDLEWARE=[])
    with pytest.raises(ConfigError, match=r"events\.sign_in: .*_slow is async"):
        _ = DjangoAuth(config).auth
    assert DjangoAuth(config).aauth


BROKEN: AuthConfig[Any] = AuthConfig()  # it has no secret


def test_routes_of_a_broken_config_can_still_be_reversed_and_looked_up(
    projects: Projects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AUTH_SECRET", raising=False)
    browser = projects.wsgi(World(), lambda _request: BROKEN)
    assert browser.get("/auth/error").status == 500
    assert reverse("auth:unknown", args=["x/y"]) == "/auth/x/y"
    projects.settings(BROKEN, MIDDLEWARE=[])
    assert resolve("/auth/x/y").view_name == "auth:unknown"
