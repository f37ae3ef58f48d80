from __future__ import annotations

import json
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.core.passkeys import CHALLENGE_COOKIE, Visitor, went_to
from tests.soft_passkey import SoftPasskey

from authwire import Request, User
from authwire.core.actions.webauthn_options import decide_ceremony
from authwire.core.flows.challenges import CHALLENGE_LIFE
from authwire.models import Authenticator
from authwire.providers import (
    AuthenticationOptions,
    Passkey,
    RegistrationOptions,
    RelyingParty,
    UserInfo,
    WebAuthn,
)

CASES = json.loads(
    (Path(__file__).parents[2] / "vectors" / "authjs_webauthn_cases.json").read_text("utf-8")
)


def row_id(case: dict[str, Any]) -> str:
    who = "signed-in" if case["loggedIn"] else "signed-out"
    return f"{case['action'] or 'nothing'}-{who}-{case['user'] or 'nobody'}"


@pytest.fixture
def visitor(world: Any) -> Visitor:
    return Visitor(world.browser(providers=[Passkey()], adapter=world.adapter))


def visitor_of(world: Any, *, provider: WebAuthn | None = None, **options: Any) -> Visitor:
    provider = provider or Passkey(**options)
    config = {"providers": [provider], "adapter": world.adapter}
    return Visitor(world.browser(**config), provider=provider.id)


# --- the decision -------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES["webauthnDecision"], ids=row_id)
def test_the_decision_is_that_of_auth_js(case: dict[str, Any]) -> None:
    decision = decide_ceremony(case["action"], signed_in=case["loggedIn"], user=case["user"])
    assert decision == case["decision"]


@pytest.mark.parametrize("case", CASES["webauthnDecision"], ids=row_id)
def test_without_sign_up_a_new_user_is_like_a_known_one(case: dict[str, Any]) -> None:
    decide = {"signed_in": case["loggedIn"], "sign_up": False}
    decision = decide_ceremony(case["action"], user=case["user"], **decide)
    if not case["loggedIn"]:
        assert decision == decide_ceremony(case["action"], user="existing", **decide)
    else:
        assert decision == case["decision"]


# --- what is answered ---------------------------------------------------------------------------


def test_nobody_in_particular_may_use_any_passkey(visitor: Visitor) -> None:
    answer = visitor.ask()
    options = json.loads(answer.body)["options"]
    assert json.loads(answer.body)["action"] == "authenticate"
    assert options.pop("challenge")
    assert options == {"rpId": "localhost", "timeout": 300_000, "userVerification": "required"}
    assert ("cache-control", "private, no-cache, no-store") in answer.headers


def test_a_new_address_registers(visitor: Visitor) -> None:
    answer = json.loads(visitor.ask(email=" New@Example.com").body)
    assert answer["action"] == "register"
    user = answer["options"]["user"]
    assert (user["name"], user["displayName"]) == ("new@example.com", "new@example.com")
    assert len(bytes.fromhex(user["id"])) == 32


def test_every_registration_has_a_handle_and_a_challenge_of_its_own(visitor: Visitor) -> None:
    first, second = (visitor.options(email="new@example.com") for _ in range(2))
    assert first["user"]["id"] != second["user"]["id"]
    assert first["challenge"] != second["challenge"]


def test_a_known_address_signs_in_with_its_own_passkeys(visitor: Visitor) -> None:
    visitor.register("ada@example.com")
    visitor.leave()
    answer = json.loads(visitor.ask(email="ADA@example.com").body)
    assert answer["action"] == "authenticate"
    assert [key["id"] for key in answer["options"]["allowCredentials"]] == [
        "AQID-_8BAgP7_wECA_v_AQID-_8"
    ]


def test_an_unknown_address_looks_like_one_without_passkeys(world: Any, visitor: Visitor) -> None:
    world.run(world.adapter.create_user, User(id="bob", email="bob@example.com"))
    known, unknown = (
        visitor.options(action="authenticate", email=email)
        for email in ("bob@example.com", "nobody@example.com")
    )
    assert known["allowCredentials"] == unknown["allowCredentials"] == []


def test_who_is_signed_in_gets_the_passkeys_excluded_that_they_have(visitor: Visitor) -> None:
    visitor.register("ada@example.com")
    options = visitor.options(action="register", email="other@example.com")
    assert options["user"]["name"] == "ada@example.com"
    assert [key["id"] for key in options["excludeCredentials"]] == ["AQID-_8BAgP7_wECA_v_AQID-_8"]


def test_somebody_without_an_address_is_called_by_name(world: Any) -> None:
    def info(request: Request) -> UserInfo:
        return UserInfo(user=User(name=request.query["username"]), exists=False)

    visitor = visitor_of(world, get_user_info=info)
    options = visitor.options(username="ada")
    assert (options["user"]["name"], options["user"]["displayName"]) == ("ada", "ada")
    assert went_to(visitor.post("register", visitor.key.register(options)))
    assert [user.name for user in world.adapter.users] == ["ada"]


@pytest.mark.parametrize("query", [{"action": "bogus"}, {"action": ""}, {"action": "Register"}])
def test_an_unknown_action_is_refused(visitor: Visitor, query: dict[str, str]) -> None:
    answer = visitor.ask(**query)
    assert (answer.status, json.loads(answer.body)) == (400, {"error": "Invalid action"})
    assert CHALLENGE_COOKIE not in visitor.browser.cookies


def test_registering_without_an_address_is_refused(visitor: Visitor) -> None:
    answer = visitor.ask(action="register", email="")
    assert (answer.status, json.loads(answer.body)) == (400, {"error": "Invalid request"})


@pytest.mark.parametrize("email", ["no address", "a@b@c", '"x"@example.com', " "])
@pytest.mark.parametrize("action", [{}, {"action": "register"}, {"action": "authenticate"}])
def test_what_is_no_address_is_refused(
    visitor: Visitor, email: str, action: dict[str, str]
) -> None:
    answer = visitor.ask(email=email, **action)
    assert (answer.status, json.loads(answer.body)) == (400, {"error": "Invalid request"})


def test_registering_for_somebody_else_is_refused(visitor: Visitor) -> None:
    visitor.register("ada@example.com")
    visitor.leave()
    assert visitor.ask(action="register", email="ada@example.com").status == 400


def test_a_new_user_who_is_called_nothing_is_refused(world: Any) -> None:
    visitor = visitor_of(world, get_user_info=lambda _: UserInfo(user=User(), exists=False))
    assert visitor.ask().status == 400


def test_who_is_signed_in_must_say_what_they_want(visitor: Visitor) -> None:
    visitor.register("ada@example.com")
    assert visitor.ask(email="ada@example.com").status == 400


@pytest.mark.parametrize("provider", ["credentials", "nobody", "undefined"])
def test_other_providers_have_no_options(world: Any, provider: str) -> None:
    providers = [*world.config().providers, Passkey()]
    browser = world.browser(providers=providers, adapter=world.adapter)
    assert "error=Configuration" in (browser.get(f"webauthn-options/{provider}").location or "")


def test_options_are_not_posted_for(visitor: Visitor) -> None:
    answer = visitor.browser.post("webauthn-options/passkey")
    assert "error=Configuration" in (answer.location or "")


# --- what the provider chooses ------------------------------------------------------------------


def test_the_options_of_the_provider_are_passed_on(world: Any) -> None:
    visitor = visitor_of(
        world,
        provider=WebAuthn(
            relying_party=RelyingParty(id=["app.example", "localhost"], name="The App"),
            registration_options=RegistrationOptions(
                attestation="direct",
                authenticator_attachment="cross-platform",
                resident_key="discouraged",
                user_verification="preferred",
                algorithms=(-7,),
                extensions={"minPinLength": True},
            ),
            authentication_options=AuthenticationOptions(extensions={"appid": "x"}),
        ),
    )
    made = visitor.options(email="new@example.com")
    assert made["rp"] == {"id": "localhost", "name": "The App"}
    assert made["attestation"] == "direct"
    assert made["authenticatorSelection"] == {
        "authenticatorAttachment": "cross-platform",
        "residentKey": "discouraged",
        "requireResidentKey": False,
        "userVerification": "preferred",
    }
    assert made["pubKeyCredParams"] == [{"alg": -7, "type": "public-key"}]
    assert made["extensions"] == {"minPinLength": True, "credProps": True}
    used = visitor.options(action="authenticate")
    assert (used["userVerification"], used["extensions"]) == ("preferred", {"appid": "x"})


def test_the_relying_party_may_be_chosen_by_request(world: Any) -> None:
    def tenant(request: Request) -> RelyingParty:
        return RelyingParty(id="localhost", name=request.query.get("tenant", "?"))

    visitor = visitor_of(world, get_relying_party=tenant)
    assert visitor.options(email="new@example.com", tenant="Acme")["rp"]["name"] == "Acme"


# --- who is known -------------------------------------------------------------------------------


def test_without_sign_up_nothing_tells_a_known_address_from_another(world: Any) -> None:
    open_door = visitor_of(world)
    open_door.register("ada@example.com")
    visitor = visitor_of(world, sign_up=False)
    world.run(world.adapter.create_user, User(id="bob", email="bob@example.com"))
    answers = {}
    for name in ("ada", "bob", "nobody"):
        for action in ({}, {"action": "authenticate"}, {"action": "register"}):
            answer = visitor.ask(email=f"{name}@example.com", **action)
            body = json.loads(answer.body)
            if answer.status == 200:
                body["options"]["challenge"] = "…"
                (allowed,) = body["options"]["allowCredentials"]
                assert allowed.pop("id")
            answers.setdefault(str(action), []).append((answer.status, body))
    for same in answers.values():
        assert same[0] == same[1] == same[2]


def test_a_decoy_does_not_change_from_one_request_to_the_next(world: Any) -> None:
    visitor = visitor_of(world, sign_up=False)
    first, second = (visitor.options(email="nobody@example.com") for _ in range(2))
    assert first["allowCredentials"] == second["allowCredentials"]


def test_a_decoy_fails_like_a_real_passkey_with_a_bad_signature(world: Any) -> None:
    visitor_of(world).register("ada@example.com")
    visitor = visitor_of(world, sign_up=False)
    bad = visitor.post(
        "authenticate", visitor.key.authenticate(visitor.options(email="ada@example.com"))
    )
    visitor.key = SoftPasskey(id=b"never seen before")
    unknown = visitor.post(
        "authenticate", visitor.key.authenticate(visitor.options(email="nobody@example.com"))
    )
    assert went_to(bad) == went_to(unknown) == "WebAuthnVerificationError"
    assert bad.body == unknown.body


def test_unknown_addresses_are_looked_up_like_known_ones(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def listing(user_id: str) -> list[Authenticator]:
        asked.append(user_id)
        return []

    world.run(world.adapter.create_user, User(id="bob", email="bob@example.com"))
    monkeypatch.setattr(world.adapter, "list_authenticators_by_user_id", listing)
    visitor = visitor_of(world, sign_up=False)
    visitor.ask(email="bob@example.com")
    visitor.ask(email="nobody@example.com")
    assert asked[0] == "bob"
    assert uuid.UUID(asked[1])  # a column of UUIDs takes nothing else


# --- the rows of challenges ---------------------------------------------------------------------


def test_a_browser_has_one_challenge_at_a_time(world: Any, visitor: Visitor) -> None:
    for _ in range(3):
        visitor.ask()
    (row,) = world.adapter.verification_tokens
    assert row.identifier == "webauthn-challenge:passkey"
    assert row.expires == world.clock.now + CHALLENGE_LIFE


def test_the_row_does_not_hold_the_challenge(world: Any, visitor: Visitor) -> None:
    challenge = visitor.options()["challenge"]
    (row,) = world.adapter.verification_tokens
    assert challenge not in repr(row) + row.token


def test_rows_that_expired_are_cleared_away_in_time(world: Any) -> None:
    auth = world.auth(providers=[Passkey()], adapter=world.adapter)
    random = iter([b"\x01", b"\x01", b"\x20"])
    engine = auth._front._engine
    auth._front._engine = replace(
        engine, random=lambda size: next(random) if size == 1 else engine.random(size)
    )
    for wait in (0, 0, 16):
        world.clock.forward(minutes=wait)
        stranger = Visitor(type(world.browser())(auth))
        stranger.ask()
    assert [row.expires for row in world.adapter.verification_tokens] == [
        world.clock.now + CHALLENGE_LIFE
    ]
