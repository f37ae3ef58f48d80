"""The table of flows, which loads each when it is asked for."""

from __future__ import annotations

from typing import get_args

import pytest

from authwire.core.flows import FLOWS
from authwire.models import ProviderType


def test_every_kind_of_provider_has_a_flow() -> None:
    assert tuple(FLOWS) == get_args(ProviderType)
    assert len(FLOWS) == len(get_args(ProviderType))
    assert [kind for kind, flow in FLOWS.items() if flow.csrf_on_callback] == ["credentials"]


def test_a_flow_is_made_once() -> None:
    assert FLOWS["email"] is FLOWS["email"]
    assert FLOWS["oauth"] is FLOWS["oidc"]


def test_other_kinds_have_none() -> None:
    assert "saml" not in FLOWS
    with pytest.raises(KeyError):
        FLOWS["saml"]  # type: ignore[index]  # what the test is about
