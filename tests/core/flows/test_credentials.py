from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from authwire import AccessDenied, Callbacks, CredentialsSignin, Events, Request, SignInParams, User
from authwire.errors import AuthError


def judged_by(world: Any, authorize: Any, **changes: Any) -> Any:
    provider = replace(world.config().providers[0], authorize=authorize)
    return world.browser(providers=[provider], **changes)


def test_refused_credentials_lead_back_to_the_page_with_a_code(world: Any) -> None:
    browser = world.browser()
    answer = browser.post("callback/credentials", username="ada", password="wrong")
    assert answer.location == (
        "http://localhost:3000/auth/signin?error=CredentialsSignin&code=credentials"
    )
    assert browser.session() is None


def test_a_code_of_your_own_reaches_the_page(world: Any) -> None:
    def authorize(_credentials: Mapping[str, Any], _request: Request) -> User | None:
        raise CredentialsSignin("account is locked", code="locked")

    browser = judged_by(world, authorize)
    assert browser.sign_in().location == (
        "http://localhost:3000/auth/signin?error=CredentialsSignin&code=locked"
    )
    assert "locked" in browser.sign_in().location


def test_access_denied_passes_as_it_is(world: Any) -> None:
    def authorize(_credentials: Mapping[str, Any], _request: Request) -> User | None:
        raise AccessDenied("banned")

    assert "error=AccessDenied" in judged_by(world, authorize).sign_in().location


def test_a_crash_in_authorize_is_logged_and_told_nobody(world: Any) -> None:
    def authorize(_credentials: Mapping[str, Any], _request: Request) -> User | None:
        raise RuntimeError("the user table is gone")

    browser = judged_by(world, authorize)
    assert browser.sign_in().location == "http://localhost:3000/auth/error?error=Configuration"
    assert any("CallbackRouteError" in line for line in world.log.lines)


def test_credentials_in_a_get_are_refused(world: Any) -> None:
    browser = world.browser()
    answer = browser.get("callback/credentials", "username=ada&password=open+sesame")
    assert "error=Configuration" in answer.location
    assert browser.session() is None


def test_a_user_without_an_id_gets_one(world: Any) -> None:
    browser = judged_by(world, lambda _c, _r: User(name="No Id"))
    browser.sign_in()
    session = browser.app_session()
    assert session is not None
    assert len(session.user.id) == 36


def test_the_sign_in_callback_sees_credentials_and_can_refuse(world: Any) -> None:
    seen: list[SignInParams] = []

    def sign_in(params: SignInParams) -> bool:
        seen.append(params)
        return False

    browser = world.browser(callbacks=Callbacks(sign_in=sign_in))
    assert "error=AccessDenied" in browser.sign_in().location
    assert browser.session() is None
    (params,) = seen
    assert params.user.id == "id-ada"
    assert params.credentials is not None
    assert params.credentials["username"] == "ada"
    assert "open sesame" not in repr(params)


def test_a_sign_in_callback_that_returns_a_path_gives_no_session(world: Any) -> None:
    browser = world.browser(callbacks=Callbacks(sign_in=lambda _params: "/terms"))
    assert browser.sign_in().location == "http://localhost:3000/terms"
    assert browser.session() is None


@pytest.mark.parametrize("verdict", ["", None, 0])
def test_anything_falsy_from_the_sign_in_callback_is_a_no(world: Any, verdict: Any) -> None:
    browser = world.browser(callbacks=Callbacks(sign_in=lambda _params: verdict))
    assert "error=AccessDenied" in browser.sign_in().location


def test_a_failing_event_handler_changes_nothing(world: Any) -> None:
    def handler(_event: Any) -> None:
        raise ValueError("the queue is full")

    browser = world.browser(events=Events(sign_in=handler))
    assert browser.sign_in().location == "http://localhost:3000"
    assert browser.session() is not None
    assert any("EventError" in line for line in world.log.lines)


def test_signing_in_from_server_code_raises_what_went_wrong(world: Any) -> None:
    browser = world.browser()
    request = browser.request("POST", "/login")
    with pytest.raises(CredentialsSignin):
        browser.run(browser.auth.sign_in, request, "credentials", form={"username": "ada"})
    with pytest.raises(AuthError):
        browser.run(browser.auth.sign_in, request, "nobody")


def test_signing_in_from_server_code_gives_a_redirect_with_cookies(world: Any) -> None:
    browser = world.browser()
    answer = browser.run(
        browser.auth.sign_in,
        browser.request("POST", "/login"),
        "credentials",
        form={"username": "ada", "password": "open sesame"},
        callback_url="/home",
    )
    browser.receive(answer)
    assert answer.location == "http://localhost:3000/home"
    assert browser.session()["user"]["name"] == "Ada"
    out = browser.run(browser.auth.sign_out, browser.request("POST", "/logout"), callback_url="/")
    browser.receive(out)
    assert browser.session() is None
