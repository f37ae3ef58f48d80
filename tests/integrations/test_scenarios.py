from __future__ import annotations

import pytest
from tests.integrations.apps import BUILDERS, Builder
from tests.integrations.scenarios import SCENARIOS, Scenario
from tests.integrations.world import World


@pytest.mark.parametrize("strategy", ["jwt", "database"])
@pytest.mark.parametrize("builder", BUILDERS.values(), ids=BUILDERS)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_browser_sees_the_same_in_every_framework(
    scenario: Scenario, builder: Builder, strategy: str
) -> None:
    world = World(strategy=strategy)
    built = builder(world.config(), world)
    try:
        scenario(built.browser, world)
    finally:
        built.close()
