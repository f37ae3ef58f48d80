"""The back channel where it differs from what the provider alone would ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from authwire.protocol.dpop import DPoPKey


@pytest.mark.parametrize("par", [False, True])
def test_the_code_is_not_bound_to_a_key_before_it_is_redeemed(
    tab: Callable[..., Any], idp: Any, par: bool
) -> None:
    kept: list[Any] = []

    def keep(tokens: Any) -> dict[str, Any]:
        kept.append(tokens.extra["dpop_jwk"])
        return {}

    here = tab(par=par, dpop=True, account=keep)
    here.start()
    here.come_back()

    proven = {name for name, request in idp.requests if "dpop" in request.headers}
    assert proven == {"token"}
    assert DPoPKey.from_jwk(kept[0]).thumbprint
