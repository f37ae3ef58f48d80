"""Passkeys made by Authwire are accepted by the library that Auth.js judges them with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.core.harness import World
from tests.core.passkeys import Visitor, went_to
from tests.e2e.child import Child
from tests.soft_passkey import PRESENT, SYNCABLE, SYNCED, VERIFIED, SoftPasskey

from authwire.models import Authenticator
from authwire.providers import Passkey
from authwire.wire import to_wire

pytestmark = pytest.mark.needs_node

PROGRAM = Path(__file__).resolve().parent.parent / "node" / "webauthn.mjs"


@pytest.fixture(scope="module")
def simplewebauthn(node_dir: Path) -> Iterator[Child]:
    with Child("@simplewebauthn/server", ["node", str(PROGRAM)], folder=node_dir) as child:
        yield child


@pytest.fixture
def visitor() -> Visitor:
    world = World("inline")
    visitor = Visitor(world.browser(providers=[Passkey()], adapter=world.adapter))
    visitor.adapter = world.adapter  # type: ignore[attr-defined]  # for the tests below
    return visitor


def row_of(visitor: Any) -> tuple[Authenticator, dict[str, Any]]:
    (row,) = visitor.adapter.authenticators
    wire = to_wire(row)
    del wire["userId"]
    return row, wire


@pytest.mark.parametrize("alg", [-7, -8, -257])
@pytest.mark.parametrize("flags", [PRESENT | VERIFIED, PRESENT | VERIFIED | SYNCABLE | SYNCED])
def test_our_row_is_the_one_that_auth_js_would_have_made(
    simplewebauthn: Child, visitor: Visitor, alg: int, flags: int
) -> None:
    visitor.key = SoftPasskey(alg, flags=flags)
    options = visitor.options(email="ada@example.com")
    answer = visitor.key.register(options)

    assert went_to(visitor.post("register", answer)).startswith("http")

    question = {"ceremony": "register", "answer": answer, "challenge": options["challenge"]}
    assert simplewebauthn.ask(question) == row_of(visitor)[1]


@pytest.mark.parametrize("alg", [-8, -257])
def test_a_passkey_registered_here_signs_in_there_and_comes_back(
    simplewebauthn: Child, visitor: Visitor, alg: int
) -> None:
    visitor.key = SoftPasskey(alg)
    visitor.register()
    options = visitor.options(action="authenticate")
    question = {
        "ceremony": "authenticate",
        "answer": visitor.key.authenticate(options),
        "challenge": options["challenge"],
        "row": row_of(visitor)[1],
    }

    assert simplewebauthn.ask(question) == 1

    visitor.leave()
    assert went_to(visitor.sign_in()).startswith("http")
    assert row_of(visitor)[0].counter == 2


def test_the_library_notices_a_wrong_origin(simplewebauthn: Child, visitor: Visitor) -> None:
    options = visitor.options(email="ada@example.com")
    answer = visitor.key.register(options, origin="https://evil.example")
    question = {"ceremony": "register", "answer": answer, "challenge": options["challenge"]}
    assert "origin" in simplewebauthn.ask(question)["error"]
