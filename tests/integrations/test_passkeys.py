"""Passkeys through each framework: the script is served, and a view manages those of its visitor."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from fastapi import FastAPI, Request
from flask import Flask, jsonify
from flask import request as flask_request
from flask.typing import ResponseReturnValue
from starlette.applications import Starlette
from starlette.requests import Request as StarRequest
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from tests.integrations.scenarios import sign_in
from tests.integrations.world import World

from authwire import PasskeyNotFound
from authwire.integrations.fastapi import FastAPIAuth
from authwire.integrations.flask import FlaskAuth
from authwire.integrations.starlette import StarletteAuth
from authwire.models import Account, Authenticator
from authwire.pages.script import PASSKEY_SCRIPT
from authwire.providers import Passkey
from authwire.runtime import drive
from authwire.testing.client import AuthClient

Make = Callable[[World], AuthClient]


def config(world: World) -> Any:
    return world.config(providers=[*world.config().providers, Passkey()])


def with_flask(world: World) -> AuthClient:
    app = Flask(__name__)
    auth = FlaskAuth(config(world), app)

    @app.get("/keys")
    def keys() -> ResponseReturnValue:
        return jsonify([row.name for row in auth.passkeys().list()])

    @app.get("/rename")
    def rename() -> ResponseReturnValue:
        try:
            auth.passkeys().rename(flask_request.args["id"], "New")
        except PasskeyNotFound:
            return jsonify(None), 404
        return jsonify(None)

    return AuthClient.wsgi(app, now=world.now)


def with_starlette(world: World) -> AuthClient:
    auth = StarletteAuth(config(world))

    async def keys(request: StarRequest) -> JSONResponse:
        return JSONResponse([row.name for row in await auth.passkeys(request).list()])

    async def rename(request: StarRequest) -> JSONResponse:
        try:
            await auth.passkeys(request).rename(request.query_params["id"], "New")
        except PasskeyNotFound:
            return JSONResponse(None, 404)
        return JSONResponse(None)

    routes = [Mount("/auth", routes=auth.routes), Route("/keys", keys), Route("/rename", rename)]
    return AuthClient.asgi(Starlette(routes=routes), now=world.now)


def with_fastapi(world: World) -> AuthClient:
    auth = FastAPIAuth(config(world))
    app = FastAPI()
    app.include_router(auth.router)

    async def keys(request: Request) -> list[str | None]:
        return [row.name for row in await auth.passkeys(request).list()]

    async def rename(request: Request, id: str) -> JSONResponse:  # noqa: A002  # as in the query
        try:
            await auth.passkeys(request).rename(id, "New")
        except PasskeyNotFound:
            return JSONResponse(None, 404)
        return JSONResponse(None)

    # Handed over with the classes themselves: FastAPI cannot see names that are local to a function.
    keys.__annotations__ = {"request": Request, "return": list[str | None]}
    rename.__annotations__ = {"request": Request, "id": str}
    app.get("/keys")(keys)
    app.get("/rename", response_model=None)(rename)
    return AuthClient.asgi(app, now=world.now)


@pytest.fixture(params=[with_flask, with_starlette, with_fastapi], ids=lambda make: make.__name__)
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    with ExitStack() as clients:

        def made(world: World) -> AuthClient:
            client: AuthClient = request.param(world)
            clients.callback(client.close)
            return client

        yield made


def give_passkey(world: World, user_id: str, credential_id: str) -> None:
    row = Authenticator(
        credential_id=credential_id,
        user_id=user_id,
        provider_account_id=credential_id,
        credential_public_key="BAUG",
        counter=0,
        credential_device_type="singleDevice",
        credential_backed_up=False,
    )
    account = Account(
        type="webauthn", provider="passkey", provider_account_id=credential_id, user_id=user_id
    )
    drive(world.adapter.create_authenticator(row))
    drive(world.adapter.link_account(account))


def test_the_script_is_served(make: Make) -> None:
    answer = make(World()).get("/auth/webauthn.js")
    assert (answer.status, answer.body) == (200, PASSKEY_SCRIPT.body)
    assert answer.headers.get("content-type") == "text/javascript; charset=utf-8"
    assert answer.headers.get("cache-control") == "public, no-cache"
    assert answer.set_cookies == []


def test_a_view_sees_the_passkeys_of_its_visitor_and_no_others(make: Make) -> None:
    world = World(strategy="database")
    browser = make(world)
    sign_in(browser)
    (user,) = world.adapter.users
    other = drive(world.adapter.create_user(type(user)(id="bob", email="bob@example.com")))
    give_passkey(world, user.id, "AQID")
    give_passkey(world, other.id, "BBBB")
    assert json.loads(browser.get("/keys").body) == [None]
    assert browser.get("/rename?id=AQID").status == 200
    assert json.loads(browser.get("/keys").body) == ["New"]
    assert browser.get("/rename?id=BBBB").status == 404
    assert json.loads(browser.another_browser().get("/keys").body) == []
