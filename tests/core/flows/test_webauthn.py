from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.core.harness import Browser, World
from tests.core.passkeys import CHALLENGE_COOKIE, Visitor, went_to
from tests.soft_passkey import PRESENT, SYNCABLE, SYNCED, VERIFIED, SoftPasskey

from authwire import Callbacks, Events, Request, SignInParams, User
from authwire.adapters.memory import MemoryAdapter
from authwire.config import Pages, SessionConfig
from authwire.errors import AdapterError
from authwire.models import Account, Authenticator, VerificationToken
from authwire.providers import (
    Passkey,
    RelyingParty,
    UserInfo,
    VerifyAuthenticationOptions,
    VerifyRegistrationOptions,
    WebAuthn,
)

HOME = "http://localhost:3000"
STRATEGIES = ["jwt", "database"]


def door(world: World, *providers: Any, **config: Any) -> Visitor:
    """A visitor of an app with passkeys."""
    base = {"providers": providers or [Passkey()], "adapter": world.adapter}
    return Visitor(world.browser(**base | config))


@pytest.fixture
def visitor(world: World) -> Visitor:
    return door(world)


def again(visitor: Visitor, key: SoftPasskey | None = None) -> Visitor:
    """Another browser at the same app."""
    return Visitor(Browser(visitor.browser.auth), key or visitor.key)


# --- what works ---------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_new_user_registers_and_is_signed_in(world: World, strategy: Any) -> None:
    visitor = door(world, session=SessionConfig(strategy=strategy))
    assert went_to(visitor.register("ada@example.com")) == HOME
    assert visitor.email == "ada@example.com"
    (user,) = world.adapter.users
    assert user.email_verified is None
    credential_id = base64.b64encode(visitor.key.id).decode()
    assert world.adapter.accounts == [
        Account(
            type="webauthn", provider="passkey", provider_account_id=credential_id, user_id=user.id
        )
    ]
    assert world.adapter.authenticators == [
        Authenticator(
            credential_id=credential_id,
            user_id=user.id,
            provider_account_id=credential_id,
            credential_public_key=base64.b64encode(visitor.key.cose).decode(),
            counter=0,
            credential_device_type="singleDevice",
            credential_backed_up=False,
            transports="internal,hybrid",
        )
    ]
    assert world.adapter.verification_tokens == []
    assert CHALLENGE_COOKIE not in visitor.browser.cookies


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("email", [None, "ada@example.com"], ids=["discoverable", "by-address"])
def test_a_passkey_signs_in(world: World, strategy: Any, email: str | None) -> None:
    visitor = door(world, session=SessionConfig(strategy=strategy))
    visitor.register("ada@example.com")
    visitor.leave()
    assert went_to(visitor.sign_in(email)) == HOME
    assert visitor.email == "ada@example.com"
    assert [row.counter for row in world.adapter.authenticators] == [1]
    assert len(world.adapter.users) == 1


@pytest.mark.parametrize("alg", [-8, -257])
def test_a_passkey_may_have_another_algorithm(world: World, alg: int) -> None:
    visitor = replace(door(world), key=SoftPasskey(alg))
    visitor.register()
    visitor.leave()
    assert went_to(visitor.sign_in()) == HOME


def test_a_synced_passkey_that_does_not_count_signs_in_again_and_again(world: World) -> None:
    flags = PRESENT | VERIFIED | SYNCABLE | SYNCED
    visitor = replace(door(world), key=SoftPasskey(counts=False, flags=flags))
    visitor.register()
    for _ in range(3):
        visitor.leave()
        assert went_to(visitor.sign_in()) == HOME
    (row,) = world.adapter.authenticators
    assert (row.counter, row.credential_backed_up, row.credential_device_type) == (
        0,
        True,
        "multiDevice",
    )


def test_a_signed_in_user_adds_another_passkey(world: World, visitor: Visitor) -> None:
    visitor.register("ada@example.com")
    visitor.key = SoftPasskey(id=b"the second one!!")
    assert went_to(visitor.register(None)) == HOME
    assert len(world.adapter.users) == 1
    assert [row.user_id for row in world.adapter.authenticators] == [world.adapter.users[0].id] * 2
    visitor.leave()
    visitor.sign_in()
    assert visitor.email == "ada@example.com"


def test_the_browser_goes_where_it_wanted_to(world: World, visitor: Visitor) -> None:
    answer = visitor.key.register(visitor.options(email="ada@example.com"))
    done = visitor.post("register", answer, callbackUrl="/inbox")
    assert went_to(done) == f"{HOME}/inbox"


def test_a_form_without_a_script_is_redirected(world: World, visitor: Visitor) -> None:
    answer = visitor.key.register(visitor.options(email="ada@example.com"))
    form = {"action": "register", "data": json.dumps(answer)}
    done = visitor.browser.send("POST", "/auth/callback/passkey", form=form)
    assert (done.status, done.location) == (302, HOME)


def test_an_answer_may_come_as_json(world: World, visitor: Visitor) -> None:
    answer = visitor.key.register(visitor.options(email="ada@example.com"))
    body = {"action": "register", "data": answer}
    done = visitor.browser.send("POST", "/auth/callback/passkey", body=body)
    assert done.location == HOME


def test_a_new_user_goes_by_way_of_the_page_for_new_users(world: World) -> None:
    visitor = door(world, pages=Pages(new_user="/welcome"))
    assert went_to(visitor.register()).startswith("/welcome?callbackUrl=")
    visitor.leave()
    assert went_to(visitor.sign_in()) == HOME


def test_events_tell_what_happened(world: World) -> None:
    seen: list[str] = []
    events = Events(
        create_user=lambda e: seen.append("create"),
        link_account=lambda e: seen.append(f"link {e.account.provider}"),
        sign_in=lambda e: seen.append(f"sign in, new: {e.is_new_user}"),
    )
    visitor = door(world, events=events)
    visitor.register()
    visitor.leave()
    visitor.sign_in()
    assert seen == ["create", "link passkey", "sign in, new: True", "sign in, new: False"]


def test_passkeys_of_several_origins_and_relying_parties(world: World) -> None:
    party = RelyingParty(
        id=["app.example", "localhost"],
        origins=["https://app.example", "https://login.app.example", "android:apk-key-hash:abc"],
    )
    visitor = door(world, Passkey(relying_party=party), trust_host=True)
    visitor.browser.host = "login.app.example"
    assert went_to(visitor.register(origin="https://login.app.example")).endswith("app.example")
    visitor.leave()
    assert went_to(visitor.sign_in(origin="android:apk-key-hash:abc")).endswith("app.example")
    assert went_to(visitor.sign_in(origin="http://localhost:3000")) == "WebAuthnVerificationError"


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "guest"


def test_a_hook_says_who_the_new_user_is(world: World) -> None:
    def info(request: Request) -> UserInfo:
        name = request.query["username"]
        return UserInfo(user=Member(name=name, role="member"), exists=False)

    adapter = type(world.adapter)(user=Member)
    visitor = door(world, Passkey(get_user_info=info), adapter=adapter, user=Member)
    options = visitor.options(username="ada")
    visitor.post("register", visitor.key.register(options))
    (user,) = adapter.users
    assert (user.name, user.role, user.email) == ("ada", "member", None)


# --- the sign_in callback -----------------------------------------------------------------------


def test_the_callback_sees_the_user_and_the_account(world: World) -> None:
    seen: list[SignInParams[User]] = []

    def sign_in(p: SignInParams[User]) -> bool:
        seen.append(p)
        return True

    visitor = door(world, callbacks=Callbacks(sign_in=sign_in))
    visitor.register("ada@example.com")
    visitor.leave()
    visitor.sign_in()
    assert [p.user.email for p in seen] == ["ada@example.com"] * 2
    assert [p.account.type for p in seen] == ["webauthn"] * 2
    assert seen[1].user.id == world.adapter.users[0].id


@pytest.mark.parametrize(("verdict", "leads_to"), [(False, "AccessDenied"), ("/wait", "/wait")])
def test_who_is_not_let_in_leaves_nothing_behind(world: World, verdict: Any, leads_to: str) -> None:
    visitor = door(world, callbacks=Callbacks(sign_in=lambda _: verdict))
    assert went_to(visitor.register()).endswith(leads_to)
    assert visitor.browser.session() is None
    assert world.adapter.users == world.adapter.accounts == world.adapter.authenticators == []


def test_a_redirect_of_the_callback_is_honoured_for_sign_ins_too(world: World) -> None:
    visitor = door(world)
    visitor.register()
    blocking = replace(door(world, callbacks=Callbacks(sign_in=lambda _: "/wait")), key=visitor.key)
    assert went_to(blocking.sign_in()) == f"{HOME}/wait"
    assert blocking.browser.session() is None


# --- refused: whose answer is it? ---------------------------------------------------------------


@pytest.mark.parametrize("ceremony", ["register", "sign_in"])
@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"challenge": "AAAA"},
        {"kind": "webauthn.other"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"cross_origin": True},
    ],
    ids=["origin", "rp-id", "challenge", "type", "not-verified", "not-present", "frame"],
)
def test_a_wrong_answer_is_refused(
    world: World, visitor: Visitor, ceremony: str, changes: dict[str, Any]
) -> None:
    visitor.register()
    before = (world.adapter.accounts, world.adapter.authenticators)
    newcomer = again(visitor, SoftPasskey(id=b"another one") if ceremony == "register" else None)
    answer = (
        newcomer.register("new@example.com", **changes)
        if ceremony == "register"
        else newcomer.sign_in(**changes)
    )
    assert went_to(answer) == "WebAuthnVerificationError"
    assert newcomer.browser.session() is None
    assert (world.adapter.accounts, world.adapter.authenticators) == before
    assert len(world.adapter.users) == 1


def test_user_verification_may_be_left_to_the_authenticator(world: World) -> None:
    lax = WebAuthn(
        id="passkey",
        verify_registration_options=VerifyRegistrationOptions(require_user_verification=False),
        verify_authentication_options=VerifyAuthenticationOptions(require_user_verification=False),
    )
    visitor = replace(door(world, lax), key=SoftPasskey(flags=PRESENT))
    assert went_to(visitor.register()) == HOME
    visitor.leave()
    assert went_to(visitor.sign_in()) == HOME


def test_a_spoilt_signature_is_refused(visitor: Visitor) -> None:
    visitor.register()
    visitor.leave()
    assert went_to(visitor.sign_in(spoil=True)) == "WebAuthnVerificationError"
    assert visitor.browser.session() is None


def test_a_counter_that_goes_back_is_refused_and_logged(world: World, visitor: Visitor) -> None:
    visitor.register()
    for _ in range(3):
        visitor.leave()
        visitor.sign_in()
    (user,) = world.adapter.users
    clone = again(visitor, replace(visitor.key, counter=1))
    assert went_to(clone.sign_in()) == "WebAuthnVerificationError"
    assert clone.browser.session() is None
    assert [row.counter for row in world.adapter.authenticators] == [3]
    assert any(
        line.startswith("warning") and f"user {user.id} counted 2 after 3" in line
        for line in world.log.lines
    )


def test_a_forged_answer_does_not_cry_clone(world: World, visitor: Visitor) -> None:
    visitor.register()
    visitor.leave()
    visitor.sign_in()
    visitor.leave()
    visitor.sign_in(counter=0, spoil=True)
    assert not any("cloned" in line for line in world.log.lines)


def test_an_unknown_passkey_is_refused(world: World, visitor: Visitor) -> None:
    visitor.register()
    stranger = again(visitor, SoftPasskey(id=b"unknown"))
    assert went_to(stranger.sign_in()) == "Configuration"
    assert stranger.browser.session() is None


def test_a_passkey_of_another_provider_is_refused(world: World) -> None:
    keys = WebAuthn(id="keys", enable_conditional_ui=False)
    visitor = door(world, Passkey(), keys)
    visitor.register()
    visitor.leave()
    visitor.provider = "keys"
    assert went_to(visitor.sign_in()) == "Configuration"
    assert visitor.browser.session() is None
    assert [row.counter for row in world.adapter.authenticators] == [0]


def test_a_row_whose_account_is_another_users_is_refused(world: World, visitor: Visitor) -> None:
    visitor.register("ada@example.com")
    other = again(visitor, SoftPasskey(id=b"another one"))
    other.register("bob@example.com")
    bob = next(user for user in world.adapter.users if user.email == "bob@example.com")
    for row in world.adapter.authenticators:
        world.adapter._authenticators[row.credential_id] = replace(row, user_id=bob.id)
    visitor.leave()
    assert went_to(visitor.sign_in()) == "Configuration"


def test_somebody_elses_passkey_is_refused_while_signed_in(world: World, visitor: Visitor) -> None:
    visitor.register("ada@example.com")
    bob = again(visitor, SoftPasskey(id=b"bobs own"))
    bob.register("bob@example.com")
    bob.key = visitor.key
    assert went_to(bob.sign_in()) == "AccountNotLinked"
    assert bob.email == "bob@example.com"


# --- refused: registrations that would take over ------------------------------------------------


@pytest.mark.parametrize("signed_in", [False, True], ids=["stranger", "other-user"])
def test_claiming_the_id_of_somebody_elses_passkey_does_not_make_it_yours(
    world: World, visitor: Visitor, signed_in: bool
) -> None:
    visitor.register("ada@example.com")
    # Credential ids are no secret (options list them), and software can claim any.
    thief = again(visitor, SoftPasskey(id=visitor.key.id))
    if signed_in:
        thief.key.id = b"thiefs own"
        thief.register("eve@example.com")
        thief.key.id = visitor.key.id
    refused = thief.register(None if signed_in else "eve@example.com")
    assert went_to(refused) == "WebAuthnVerificationError"
    assert thief.email == ("eve@example.com" if signed_in else None)
    visitor.leave()
    visitor.sign_in()
    assert visitor.email == "ada@example.com"


def test_an_id_cannot_be_claimed_through_another_provider(world: World) -> None:
    visitor = door(world, Passkey(), WebAuthn(id="keys", enable_conditional_ui=False))
    visitor.register("ada@example.com")
    thief = replace(again(visitor, SoftPasskey(id=visitor.key.id)), provider="keys")
    assert went_to(thief.register("eve@example.com")) == "WebAuthnVerificationError"
    assert len(world.adapter.users) == 1


def test_an_account_without_its_passkey_cannot_be_claimed_either(
    world: World, visitor: Visitor
) -> None:
    visitor.register("ada@example.com")
    world.adapter._authenticators.clear()
    thief = again(visitor, SoftPasskey(id=visitor.key.id))
    assert went_to(thief.register("eve@example.com")) == "WebAuthnVerificationError"
    assert thief.browser.session() is None


def test_an_address_that_was_taken_meanwhile_is_refused(world: World, visitor: Visitor) -> None:
    options = visitor.options(email="ada@example.com")
    world.run(world.adapter.create_user, User(id="ada", email="ada@example.com"))
    answer = visitor.post("register", visitor.key.register(options))
    assert went_to(answer) == "AccountNotLinked"
    assert world.adapter.authenticators == []


def test_a_registration_is_for_who_began_it(world: World, visitor: Visitor) -> None:
    """An attacker's challenge, planted in the browser of somebody who is signed in."""
    visitor.register("ada@example.com")
    attacker = again(visitor, SoftPasskey(id=b"attackers own"))
    for begun_as in (None, "eve@example.com"):
        if begun_as is not None:
            attacker.register(begun_as)
            attacker.key = SoftPasskey(id=b"attackers other")
            options = attacker.options(action="register")
        else:
            options = attacker.options(email="mallory@example.com")
        planted = attacker.browser.cookies[CHALLENGE_COOKIE]
        visitor.browser.cookies[CHALLENGE_COOKIE] = planted
        answer = visitor.post("register", attacker.key.register(options))
        assert went_to(answer) == "WebAuthnVerificationError"
    ada = next(user for user in world.adapter.users if user.email == "ada@example.com")
    assert len([row for row in world.adapter.authenticators if row.user_id == ada.id]) == 1


def test_a_registration_ends_with_the_session(world: World, visitor: Visitor) -> None:
    visitor.register("ada@example.com")
    visitor.key = SoftPasskey(id=b"the second one!!")
    options = visitor.options(action="register")
    visitor.browser.cookies = {
        CHALLENGE_COOKIE: visitor.browser.cookies[CHALLENGE_COOKIE],
    }
    answer = visitor.post("register", visitor.key.register(options))
    assert went_to(answer) == "WebAuthnVerificationError"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:3001"])
def test_a_page_of_another_origin_cannot_post_an_answer(visitor: Visitor, origin: str) -> None:
    answer = visitor.key.register(visitor.options(email="ada@example.com"))
    refused = visitor.post("register", answer, headers={"origin": origin})
    assert went_to(refused) == "WebAuthnVerificationError"
    # It was not even looked at, so the user's own page may still use it.
    assert went_to(visitor.post("register", answer, headers={"origin": HOME})) == HOME


# --- refused: challenges ------------------------------------------------------------------------


@pytest.mark.parametrize("counts", [True, False], ids=["counting", "not-counting"])
def test_an_answer_can_be_given_once(world: World, counts: bool) -> None:
    visitor = replace(door(world), key=SoftPasskey(counts=counts))
    visitor.register()
    visitor.leave()
    answer = visitor.key.authenticate(visitor.options())
    cookie = visitor.browser.cookies[CHALLENGE_COOKIE]
    assert went_to(visitor.post("authenticate", answer)) == HOME
    thief = again(visitor)
    thief.browser.cookies[CHALLENGE_COOKIE] = cookie
    assert went_to(thief.post("authenticate", answer)) == "Configuration"
    assert thief.browser.session() is None
    assert any("InvalidCheck" in line for line in world.log.lines)


def test_a_challenge_cannot_be_answered_a_second_time_with_another_answer(
    world: World, visitor: Visitor
) -> None:
    visitor.register()
    visitor.leave()
    options = visitor.options()
    cookie = visitor.browser.cookies[CHALLENGE_COOKIE]
    visitor.post("authenticate", visitor.key.authenticate(options))
    visitor.browser.cookies = {CHALLENGE_COOKIE: cookie}
    assert (
        went_to(visitor.post("authenticate", visitor.key.authenticate(options))) == "Configuration"
    )


def test_a_registration_can_be_made_once(world: World, visitor: Visitor) -> None:
    answer = visitor.key.register(visitor.options(email="ada@example.com"))
    cookie = visitor.browser.cookies[CHALLENGE_COOKIE]
    visitor.post("register", answer)
    thief = again(visitor)
    thief.browser.cookies[CHALLENGE_COOKIE] = cookie
    assert went_to(thief.post("register", answer)) == "Configuration"
    assert len(world.adapter.authenticators) == 1


def test_a_wrong_answer_uses_the_challenge_up(world: World, visitor: Visitor) -> None:
    visitor.register()
    visitor.leave()
    options = visitor.options()
    visitor.post("authenticate", visitor.key.authenticate(options, spoil=True))
    good = visitor.key.authenticate(options)
    assert went_to(visitor.post("authenticate", good)) == "Configuration"


def test_another_process_refuses_the_replay_too(world: World, visitor: Visitor) -> None:
    visitor.register()
    visitor.leave()
    answer = visitor.key.authenticate(visitor.options())
    cookie = visitor.browser.cookies[CHALLENGE_COOKIE]
    visitor.post("authenticate", answer)
    elsewhere = door(world)  # a new engine: all that it shares with the first is the database
    elsewhere.browser.cookies[CHALLENGE_COOKIE] = cookie
    assert went_to(elsewhere.post("authenticate", answer)) == "Configuration"


def test_a_challenge_expires(world: World, visitor: Visitor) -> None:
    visitor.register()
    visitor.leave()
    answer = visitor.key.authenticate(visitor.options())
    world.clock.forward(minutes=15, seconds=16)
    assert went_to(visitor.post("authenticate", answer)) == "Configuration"


def test_a_row_that_expired_is_refused_whatever_the_cookie_says(
    world: World, visitor: Visitor
) -> None:
    visitor.register()
    visitor.leave()
    answer = visitor.key.authenticate(visitor.options())
    world.clock.forward(minutes=15, seconds=5)  # tokens have 15 seconds of grace, rows have none
    assert went_to(visitor.post("authenticate", answer)) == "Configuration"


def test_the_cookie_of_another_provider_is_refused(world: World) -> None:
    visitor = door(world, Passkey(), WebAuthn(id="keys", enable_conditional_ui=False))
    visitor.register()
    visitor.leave()
    visitor.provider = "keys"
    options = visitor.options()
    visitor.provider = "passkey"
    answer = visitor.key.authenticate(options)
    assert went_to(visitor.post("authenticate", answer)) == "Configuration"
    assert visitor.browser.session() is None


class LooksAtTheTokenOnly(MemoryAdapter[Any]):
    async def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None:
        return await super().use_verification_token(token, None)


def test_the_cookie_is_bound_to_its_provider_whatever_the_adapter_does(world: World) -> None:
    world.adapter = LooksAtTheTokenOnly()
    test_the_cookie_of_another_provider_is_refused(world)


@pytest.mark.parametrize("cookie", [None, "", "junk", "a.b.c.d.e"])
def test_a_cookie_that_is_not_ours_is_refused(visitor: Visitor, cookie: str | None) -> None:
    answer = visitor.key.register(visitor.options(email="ada@example.com"))
    del visitor.browser.cookies[CHALLENGE_COOKIE]
    if cookie is not None:
        visitor.browser.cookies[CHALLENGE_COOKIE] = cookie
    assert went_to(visitor.post("register", answer)) == "Configuration"


@pytest.mark.parametrize("ceremony", ["register", "authenticate"])
def test_a_challenge_serves_the_ceremony_that_it_was_made_for(
    visitor: Visitor, ceremony: str
) -> None:
    visitor.register()
    visitor.leave()
    if ceremony == "register":
        options = {**visitor.options(), "rp": {"id": "localhost"}}
        refused = visitor.post("register", SoftPasskey(id=b"new").register(options))
    else:
        options = {**visitor.options(email="new@example.com"), "rpId": "localhost"}
        answer = visitor.key.authenticate(options)
        answer["response"] |= SoftPasskey(id=b"new").register(options)["response"]
        refused = visitor.post("authenticate", answer)
    assert went_to(refused) == "WebAuthnVerificationError"
    assert visitor.browser.session() is None


# --- refused: what is no answer -----------------------------------------------------------------


@pytest.mark.parametrize("action", ["", "bogus", "Register", "delete"])
def test_another_action_is_refused(visitor: Visitor, action: str) -> None:
    answer = visitor.key.register(visitor.options(email="ada@example.com"))
    assert went_to(visitor.post(action, answer)) == "Configuration"


def test_a_get_is_refused(visitor: Visitor) -> None:
    assert "error=Configuration" in (visitor.browser.get("callback/passkey").location or "")


def test_sign_in_begins_on_the_page(visitor: Visitor) -> None:
    assert visitor.browser.post("signin/passkey").location == f"{HOME}/auth/signin"


@pytest.mark.parametrize("data", ["", "{", "null", "[]", '{"id": 7}', '{"id": "é"}', "[" * 9999])
def test_what_is_no_credential_is_refused(visitor: Visitor, data: str) -> None:
    visitor.ask(email="ada@example.com")
    for action in ("register", "authenticate"):
        assert went_to(visitor.post(action, data)) == "Configuration"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)
names = st.sampled_from(["id", "rawId", "type", "response", "clientExtensionResults"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    action=st.sampled_from(["register", "authenticate"]),
    data=st.dictionaries(names, values) | values,
)
def test_nothing_that_is_posted_crashes_or_signs_in(
    visitor: Visitor, action: str, data: Any
) -> None:
    visitor.leave()
    visitor.ask(email="new@example.com")
    answer = visitor.post(action, json.dumps(data))
    assert went_to(answer) in ("Configuration", "WebAuthnVerificationError")
    assert "authjs.session-token" not in visitor.browser.cookies


# --- the database -------------------------------------------------------------------------------


def test_a_passkey_that_cannot_be_stored_leaves_no_account(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(authenticator: Authenticator) -> Authenticator:
        raise AdapterError("the disk is full")

    visitor = door(world)
    with monkeypatch.context() as patch:
        patch.setattr(world.adapter, "create_authenticator", full)
        broken = door(world)
        assert went_to(broken.register("ada@example.com")) == "Configuration"
        assert broken.browser.session() is None
    assert world.adapter.accounts == world.adapter.authenticators == []
    assert went_to(visitor.register("bob@example.com")) == HOME


def test_an_outage_is_not_an_unknown_passkey(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def down(credential_id: str) -> Authenticator:
        raise RuntimeError("no connection")

    door(world).register()
    monkeypatch.setattr(world.adapter, "get_authenticator", down)
    visitor = door(world)
    visitor.sign_in()
    assert any("AdapterError" in line for line in world.log.lines)


def test_a_passkey_proves_no_address_whatever_the_hook_says(world: World) -> None:
    def info(_request: Request) -> UserInfo:
        claimed = User(email="ada@example.com", email_verified=world.clock.now)
        return UserInfo(user=claimed, exists=False)

    seen: list[SignInParams[User]] = []

    def sign_in(p: SignInParams[User]) -> bool:
        seen.append(p)
        return True

    visitor = door(world, Passkey(get_user_info=info), callbacks=Callbacks(sign_in=sign_in))
    visitor.register()
    assert [p.user.email_verified for p in seen] == [None]
    assert [user.email_verified for user in world.adapter.users] == [None]


def test_an_engine_without_a_database_fails_closed(world: World) -> None:
    visitor = door(world)
    front = visitor.browser.auth._front
    front._engine = replace(front._engine, database=None, strategy="jwt")
    assert "error=Configuration" in (visitor.ask().location or "")
    assert any("AdapterError" in line for line in world.log.lines)


def test_no_log_line_holds_a_challenge_or_an_answer(world: World) -> None:
    visitor = door(world, debug=True)
    answer = visitor.key.register(visitor.options(email="ada@example.com"))
    visitor.post("register", answer)
    visitor.post("register", answer)
    log = "\n".join(world.log.lines)
    challenge = json.loads(base64.urlsafe_b64decode(answer["response"]["clientDataJSON"] + "=="))
    assert challenge["challenge"] not in log
    assert answer["response"]["attestationObject"] not in log
