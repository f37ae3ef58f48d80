"""What a type checker must say about the integrations. Never run: mypy and pyright read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, assert_type

from fastapi import Depends
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response as StarletteResponse

from authwire import Auth, AuthConfig, Session, SyncAuth, User
from authwire.integrations import asgi, wsgi
from authwire.integrations.fastapi import FastAPIAuth
from authwire.integrations.flask import FlaskAuth, current_session
from authwire.integrations.starlette import StarletteAuth
from authwire.runtime.asgi import Scope
from authwire.runtime.wsgi import Environ
from authwire.testing.client import AuthClient


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


CONFIG = AuthConfig(user=Member)
PLAIN: AuthConfig = AuthConfig()


async def starlette_knows_the_users_type(request: StarletteRequest) -> None:
    auth = StarletteAuth(CONFIG)
    assert_type(await auth.session(request), Session[Member] | None)
    assert_type(await auth.update_session(request, {}), Session[Member] | None)
    assert_type(await auth.sign_out(request), StarletteResponse)
    assert_type(StarletteAuth(PLAIN), StarletteAuth[User])
    assert_type(StarletteAuth(Auth(CONFIG)), StarletteAuth[Member])
    assert_type(StarletteAuth(lambda _: CONFIG), StarletteAuth[Member])

    @auth.required
    async def page(request: StarletteRequest) -> StarletteResponse:
        return StarletteResponse()

    assert_type(await page(request), StarletteResponse)


async def fastapi_knows_the_users_type() -> None:
    auth = FastAPIAuth(CONFIG)
    admin = auth.require(lambda session: session.user.role == "admin")

    async def handler(
        required: Annotated[Session[Member], Depends(auth.required)],
        optional: Annotated[Session[Member] | None, Depends(auth.optional)],
        predicate: Annotated[Session[Member], Depends(admin)],
    ) -> str:
        return required.user.role + predicate.user.role

    assert_type(auth, FastAPIAuth[Member])
    del handler


def flask_knows_the_users_type() -> None:
    auth = FlaskAuth(CONFIG)
    assert_type(auth.session(), Session[Member] | None)
    assert_type(auth.current_session.user.role, str)
    assert_type(current_session.user, User)

    @auth.require(lambda session: session.user.role == "admin")
    def view() -> str:
        return ""

    assert_type(view(), str)


async def the_plain_middlewares_do_too(scope: Scope, environ: Environ) -> None:
    assert_type(await asgi.session(scope, Auth(CONFIG)), Session[Member] | None)
    assert_type(wsgi.session(environ, SyncAuth(CONFIG)), Session[Member] | None)


def a_misspelt_option_is_found() -> None:
    AuthClient.handler(SyncAuth(PLAIN).handle, base_url="http://localhost")
    AuthClient.handler(SyncAuth(PLAIN).handle, base_ulr="")  # type: ignore[call-arg]  # the point
