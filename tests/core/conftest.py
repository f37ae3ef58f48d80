"""Fixtures of the core tests; what they make is in ``harness``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from tests.core.harness import Tab, World, idp_for, oidc

from authwire.testing.provider import FakeProvider


@pytest.fixture(params=["anyio", "inline"])
def world(request: pytest.FixtureRequest) -> World:
    return World(request.param)


@pytest.fixture
def idp(world: World) -> FakeProvider:
    return idp_for(world)


@pytest.fixture
def tab(world: World, idp: FakeProvider) -> Callable[..., Tab]:
    """Makes a browser whose Auth knows one OpenID provider; options override the provider's."""

    def make(
        config: Mapping[str, Any] | None = None, *, at: FakeProvider | None = None, **changes: Any
    ) -> Tab:
        provider = oidc(at or idp, **changes)
        browser = world.browser(
            **{
                "providers": [*world.config().providers, provider],
                "adapter": world.adapter,
                "http_client": (at or idp).http,
                **(config or {}),
            }
        )
        return Tab(browser, at or idp, provider.id)

    return make
