"""Both strategies through the same questions, then what is particular to each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import anyio
import pytest

from authwire import (
    Callbacks,
    CookieJar,
    Events,
    JWTParams,
    SessionConfig,
    SessionParams,
    Theme,
    User,
)
from authwire.errors import AdapterError
from authwire.protocol import jwe
from authwire.wire import iso

SECRET = "test-secret-0123456789abcdef0123456789abcdef"
COOKIE = "authjs.session-token"
STRATEGIES = ("jwt", "database")


def with_strategy(world: Any, strategy: str, **session: Any) -> Any:
    return world.browser(
        adapter=world.adapter,
        session=SessionConfig(strategy=strategy, **session),
        callbacks=session.pop("callbacks", Callbacks()),
    )


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_credentials_sign_in_works_with_either_strategy(world: Any, strategy: str) -> None:
    browser = with_strategy(world, strategy)
    assert browser.sign_in().location == "http://localhost:3000"
    session = browser.session()
    assert session["user"] == {"name": "Ada", "email": "ada@example.com"}
    assert session["expires"] == iso(world.clock.now + timedelta(days=30))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_session_read_by_the_app_has_the_user_with_id(world: Any, strategy: str) -> None:
    browser = with_strategy(world, strategy)
    browser.sign_in()
    session = browser.app_session()
    assert session is not None
    assert (session.user.id, session.user.email) == ("id-ada", "ada@example.com")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_an_idle_session_ends_after_max_age(world: Any, strategy: str) -> None:
    browser = with_strategy(world, strategy, max_age=timedelta(hours=1))
    browser.sign_in()
    world.clock.forward(minutes=59)
    assert browser.session() is not None
    world.clock.forward(minutes=61)
    assert browser.session() is None
    assert COOKIE not in browser.cookies


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_use_keeps_a_session_alive(world: Any, strategy: str) -> None:
    browser = with_strategy(
        world, strategy, max_age=timedelta(hours=1), update_age=timedelta(minutes=1)
    )
    browser.sign_in()
    for _ in range(5):
        world.clock.forward(minutes=40)
        assert browser.session() is not None


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_absolute_lifetime_is_not_extended_by_use(world: Any, strategy: str) -> None:
    browser = with_strategy(
        world,
        strategy,
        max_age=timedelta(hours=1),
        update_age=timedelta(0),
        absolute_max_age=timedelta(hours=2),
    )
    browser.sign_in()
    for _ in range(3):
        world.clock.forward(minutes=39)
        assert browser.session() is not None
    world.clock.forward(minutes=10)
    assert browser.session() is None


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_read_by_the_app_rolls_only_when_update_age_has_passed(world: Any, strategy: str) -> None:
    browser = with_strategy(world, strategy, update_age=timedelta(hours=24))
    browser.sign_in()
    jar = CookieJar()
    world.clock.forward(hours=1)
    browser.app_session(jar)
    assert len(jar) == 0
    world.clock.forward(hours=24)
    browser.app_session(jar)
    assert [cookie.name for cookie in jar] == [COOKIE]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_read_that_does_not_roll_tells_when_the_session_really_ends(
    world: Any, strategy: str
) -> None:
    browser = with_strategy(world, strategy)
    browser.sign_in()
    ends = world.clock.now + timedelta(days=30)
    world.clock.forward(hours=1)
    session = browser.app_session()
    assert session is not None
    assert session.expires == ends
    assert session.data["expires"] == iso(ends)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_session_never_claims_to_outlive_its_absolute_lifetime(world: Any, strategy: str) -> None:
    browser = with_strategy(world, strategy, absolute_max_age=timedelta(days=3))
    browser.sign_in()
    ends = world.clock.now + timedelta(days=3)
    for days in (0, 2):
        world.clock.forward(days=days)
        for session in (browser.app_session(CookieJar()), browser.app_session()):
            assert session is not None
            assert session.expires == ends


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_sign_out_clears_the_cookie_and_tells_the_app(world: Any, strategy: str) -> None:
    told: list[Any] = []
    browser = world.browser(
        adapter=world.adapter,
        session=SessionConfig(strategy=strategy),
        events=Events(sign_out=told.append),
    )
    browser.sign_in()
    assert browser.post("signout", callbackUrl="/bye").location == "http://localhost:3000/bye"
    assert COOKIE not in browser.cookies
    assert browser.session() is None
    assert len(told) == 1
    assert world.adapter.sessions == []


def test_a_signed_out_database_session_cannot_be_replayed(world: Any) -> None:
    browser = with_strategy(world, "database")
    browser.sign_in()
    stolen = browser.cookies[COOKIE]
    browser.post("signout")
    browser.cookies[COOKIE] = stolen
    assert browser.session() is None


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(
    "junk", ["x", "a.b.c.d.e", "%", "eyJhbGciOiJkaXIifQ....", "é", "x" * 70_000]
)
def test_junk_in_the_cookie_is_no_session_and_is_cleared(
    world: Any, strategy: str, junk: str
) -> None:
    browser = with_strategy(world, strategy)
    browser.cookies[COOKIE] = junk
    assert browser.session() is None
    assert COOKIE not in browser.cookies


def test_a_sealed_cookie_of_another_purpose_is_no_session(world: Any) -> None:
    browser = with_strategy(world, "jwt")
    now = int(world.clock.now.timestamp())
    for salt in ("authjs.state", "authjs.pkce.code_verifier", "encodedState", f"__Secure-{COOKIE}"):
        browser.cookies[COOKIE] = jwe.encode(
            {"sub": "id-ada"}, secrets=[SECRET], salt=salt, max_age=900, now=now, jti="j"
        )
        assert browser.session() is None, salt


def test_a_failing_database_is_an_error_and_not_signed_out(world: Any) -> None:
    class Broken(type(world.adapter)):  # type: ignore[misc]  # a class made from a fixture
        def __init__(self) -> None:
            super().__init__()
            self.down = False

        async def get_session_and_user(self, session_token: str) -> Any:
            if self.down:
                raise OSError(f"connection lost while looking for {session_token}")
            return await super().get_session_and_user(session_token)

    adapter = Broken()
    browser = world.browser(adapter=adapter)
    browser.sign_in()
    token = browser.cookies[COOKIE]
    adapter.down = True
    assert browser.get("session").status == 500
    assert browser.cookies[COOKIE] == token
    with pytest.raises(AdapterError):
        browser.app_session()
    assert not any(token in line for line in world.log.lines)


# --- JWT --------------------------------------------------------------------------------------------


def test_the_jwt_callback_adds_claims_and_the_session_callback_shows_them(world: Any) -> None:
    def jwt(params: JWTParams) -> dict[str, Any]:
        if params.trigger == "signIn":
            params.token["role"] = "admin"
        return params.token

    def session(params: SessionParams) -> dict[str, Any]:
        assert params.token is not None
        return {**params.session, "role": params.token["role"]}

    browser = world.browser(callbacks=Callbacks(jwt=jwt, session=session))
    browser.sign_in()
    assert browser.session()["role"] == "admin"
    held = browser.app_session()
    assert held is not None
    assert held.data["role"] == "admin"


def test_a_jwt_callback_that_returns_none_ends_the_session(world: Any) -> None:
    ended: list[bool] = []
    browser = world.browser(callbacks=Callbacks(jwt=lambda p: None if ended else p.token))
    browser.sign_in()
    assert browser.session() is not None
    ended.append(True)
    assert browser.session() is None
    assert COOKIE not in browser.cookies


def test_a_failing_callback_is_logged_and_ends_the_session(world: Any) -> None:
    def session(_params: SessionParams) -> dict[str, Any]:
        raise ValueError("a fault of the app")

    browser = world.browser(callbacks=Callbacks(session=session))
    browser.sign_in()
    assert browser.session() is None
    assert any("JWTSessionError" in line for line in world.log.lines)


def test_update_from_the_client_reaches_the_jwt_callback(world: Any) -> None:
    def jwt(params: JWTParams) -> dict[str, Any]:
        if params.trigger == "update":
            params.token["name"] = params.session["name"]
        return params.token

    browser = world.browser(callbacks=Callbacks(jwt=jwt))
    browser.sign_in()
    body = {"csrfToken": browser.csrf(), "data": {"name": "Countess"}}
    answer = browser.send("POST", "/auth/session", body=body)
    assert json.loads(answer.body)["user"]["name"] == "Countess"
    assert browser.session()["user"]["name"] == "Countess"


def test_update_without_a_csrf_token_changes_nothing(world: Any) -> None:
    browser = world.browser()
    browser.sign_in()
    answer = browser.send("POST", "/auth/session", body={"data": {"name": "x"}})
    assert (answer.status, answer.body) == (400, b"null")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_update_from_server_code_reaches_the_callbacks(world: Any, strategy: str) -> None:
    seen: list[Any] = []

    def jwt(params: JWTParams) -> dict[str, Any]:
        if params.trigger == "update":
            seen.append(params.session)
        return params.token

    def session(params: SessionParams) -> dict[str, Any]:
        if params.trigger == "update":
            seen.append(params.new_session)
        return params.session

    browser = world.browser(
        adapter=world.adapter,
        session=SessionConfig(strategy=strategy),
        callbacks=Callbacks(jwt=jwt, session=session),
    )
    browser.sign_in()
    jar = CookieJar()
    request = browser.request("POST", "/settings")
    updated = browser.run(browser.auth.update_session, request, {"a": 1}, jar=jar)
    assert updated is not None
    assert seen == [{"a": 1}]
    assert [cookie.name for cookie in jar] == [COOKIE]


def test_get_token_reads_the_cookie_and_the_bearer_header(world: Any) -> None:
    browser = world.browser()
    browser.sign_in()
    sealed = browser.cookies.pop(COOKIE)
    assert browser.run(browser.auth.get_token, browser.request("GET", "/api")) is None
    bearer = browser.request("GET", "/api", headers={"authorization": f"Bearer {sealed}"})
    claims = browser.run(browser.auth.get_token, bearer)
    assert claims["sub"] == "id-ada"
    browser.cookies[COOKIE] = sealed
    assert browser.run(browser.auth.get_token, browser.request("GET", "/api"))["sub"] == "id-ada"


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer %", "Bearer %zz", "Basic abc", "Bearer é", "bearer  x y", ""],
)
def test_a_malformed_authorization_header_is_no_token_and_no_error(world: Any, header: str) -> None:
    browser = world.browser()
    request = browser.request("GET", "/api", headers={"authorization": header})
    assert browser.run(browser.auth.get_token, request) is None


# --- chunks -----------------------------------------------------------------------------------------


def grow(world: Any, size: list[int]) -> Any:
    def jwt(params: JWTParams) -> dict[str, Any]:
        return {**params.token, "blob": "x" * size[0]}

    return world.browser(callbacks=Callbacks(jwt=jwt))


def names(browser: Any) -> list[str]:
    return sorted(name for name in browser.cookies if name.startswith(COOKIE))


def test_a_long_token_is_chunked_read_back_and_shrunk_again(world: Any) -> None:
    size = [9000]
    browser = grow(world, size)
    browser.sign_in()
    assert names(browser) == [f"{COOKIE}.{i}" for i in range(4)]
    assert all(len(cookie.header()) <= 4096 for cookie in browser.sent)
    size[0] = 3000
    assert browser.session() is not None
    assert names(browser) == [f"{COOKIE}.0", f"{COOKIE}.1"]
    size[0] = 10
    assert browser.session() is not None
    assert names(browser) == [COOKIE]


def test_a_missing_chunk_is_no_session(world: Any) -> None:
    browser = grow(world, [9000])
    browser.sign_in()
    del browser.cookies[f"{COOKIE}.1"]
    assert browser.session() is None
    assert names(browser) == []


def test_a_stray_cookie_with_the_same_prefix_disturbs_nothing(world: Any) -> None:
    browser = world.browser()
    browser.sign_in()
    browser.cookies[f"{COOKIE}-x"] = "stray"
    browser.cookies[f"{COOKIE}.x"] = "stray"
    browser.cookies[f"{COOKIE}.7"] = "stray"
    assert browser.session() is not None
    assert f"{COOKIE}-x" in browser.cookies


# --- database ---------------------------------------------------------------------------------------


def test_database_session_tokens_have_256_random_bits(world: Any) -> None:
    browser = with_strategy(world, "database")
    browser.sign_in()
    token = unquote(browser.cookies[COOKIE])
    assert len(bytes.fromhex(token)) == 32
    assert len(world.adapter.sessions) == 1


def test_a_row_is_written_only_when_update_age_has_passed(world: Any) -> None:
    browser = with_strategy(world, "database", update_age=timedelta(hours=24))
    browser.sign_in()
    first = world.adapter.sessions[0].expires
    world.clock.forward(hours=23)
    browser.session()
    assert world.adapter.sessions[0].expires == first
    world.clock.forward(hours=2)
    browser.session()
    assert world.adapter.sessions[0].expires == world.clock.now + timedelta(days=30)


def test_the_session_callback_never_sees_the_token_in_what_it_returns(world: Any) -> None:
    browser = world.browser(
        adapter=world.adapter, callbacks=Callbacks(session=lambda params: params.session)
    )
    browser.sign_in()
    assert browser.cookies[COOKIE] not in browser.get("session").body.decode()


def test_a_deleted_user_is_signed_out(world: Any) -> None:
    browser = with_strategy(world, "database")
    browser.sign_in()
    anyio.run(world.adapter.delete_user, "id-ada")
    assert browser.session() is None


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


def test_fields_of_your_own_user_come_back_from_the_claims(world: Any) -> None:
    def jwt(params: JWTParams) -> dict[str, Any]:
        return {**params.token, "role": "editor"}

    browser = world.browser(user=Member, callbacks=Callbacks(jwt=jwt), theme=Theme())
    browser.sign_in()
    session = browser.app_session()
    assert session.user == Member(id="id-ada", name="Ada", email="ada@example.com", role="editor")
