"""A framework's own client is signed in by one call. The frameworks' own tests use it as well."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.integrations.apps.fastapi import fastapi_app
from tests.integrations.apps.flask import flask_app
from tests.integrations.world import World, is_ada

from authwire import Auth, SyncAuth, User, has_role
from authwire.integrations.fastapi import FastAPIAuth
from authwire.integrations.flask import FlaskAuth
from authwire.models import Session
from authwire.testing import AuthClient, session_cookies, signed_in

ADA = User(id="1", name="Ada", email="ada@example.com")


@pytest.fixture(params=["jwt", "database"])
def world(request: pytest.FixtureRequest) -> World:
    return World(strategy=request.param)


def test_starlettes_client_is_signed_in(world: World) -> None:
    auth = FastAPIAuth(world.config())
    client = TestClient(fastapi_app(auth, middleware=True), base_url="http://localhost")
    assert client.get("/me", headers={"accept": "application/json"}).status_code == 401
    assert signed_in(client, ADA, auth) is client
    assert client.get("/me").json() == {"name": "Ada"}
    assert client.get("/ada").status_code == 200


def test_over_https_the_cookie_has_its_secure_name(world: World) -> None:
    auth = FastAPIAuth(world.config())
    client = TestClient(fastapi_app(auth, middleware=True), base_url="https://localhost")
    signed_in(client, ADA, auth)
    assert {cookie.name for cookie in client.cookies.jar} == {"__Secure-authjs.session-token"}
    assert client.get("/me").json() == {"name": "Ada"}


def test_flasks_client_finds_the_auth_by_itself(world: World) -> None:
    client = signed_in(flask_app(FlaskAuth(world.config())).test_client(), ADA)
    assert client.get("/me").json == {"name": "Ada"}


def test_our_own_client_is_signed_in(world: World) -> None:
    auth = SyncAuth(world.config())
    client = signed_in(AuthClient.handler(auth.handle, now=world.now), ADA, auth)
    session = client.session()
    assert session is not None
    assert session["user"]["name"] == "Ada"


def test_a_user_is_created_once(world: World) -> None:
    auth = Auth(world.config())
    for _ in range(2):
        assert [cookie.name for cookie in session_cookies(auth, ADA)] == ["authjs.session-token"]
    assert len(world.adapter.users) == (1 if world.strategy == "database" else 0)


@pytest.mark.anyio
async def test_it_works_inside_an_event_loop_too(world: World) -> None:
    assert session_cookies(Auth(world.config()), ADA)


@pytest.mark.parametrize(
    ("client", "auth", "message"),
    [
        (object(), SyncAuth(World().config()), "send those of session_cookies"),
        (object(), None, "which Auth"),
        (object(), object(), "not object"),
    ],
)
def test_what_it_cannot_do_it_says(client: Any, auth: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        signed_in(client, ADA, auth)


@pytest.mark.parametrize(
    ("held", "passes"),
    [
        ({"role": "admin"}, True),
        ({"role": "user"}, False),
        ({"roles": ["user", "editor"]}, True),
        ({"roles": "editor"}, True),
        ({"roles": ()}, False),
        ({}, False),
    ],
)
def test_has_role_looks_at_role_or_roles(held: dict[str, Any], passes: bool) -> None:
    from types import SimpleNamespace

    session: Any = SimpleNamespace(user=SimpleNamespace(**held))
    assert has_role("admin", "editor")(session) is passes


def test_a_user_without_roles_has_none(world: World) -> None:
    session: Session = Session(user=ADA, expires=world.now())
    assert is_ada(session)
    assert not has_role("admin")(session)
