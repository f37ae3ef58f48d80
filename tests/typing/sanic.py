"""What a type checker must say about the Sanic integration. Never run: mypy and pyright read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_type

from sanic import Blueprint, HTTPResponse, Request, text

from authwire import Auth, AuthConfig, Session, User
from authwire.integrations.sanic import SanicAuth
from authwire.passkeys import Passkeys


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


CONFIG = AuthConfig(user=Member)
PLAIN: AuthConfig = AuthConfig()


async def sanic_knows_the_users_type(request: Request[Any, Any]) -> None:
    auth = SanicAuth(CONFIG)
    assert_type(await auth.session(request), Session[Member] | None)
    assert_type(auth.current_session(request), Session[Member])
    assert_type(await auth.update_session(request, {}), Session[Member] | None)
    assert_type(await auth.sign_out(request), HTTPResponse)
    assert_type(auth.passkeys(request), Passkeys[Member])
    assert_type(SanicAuth(PLAIN), SanicAuth[User])
    assert_type(SanicAuth(Auth(CONFIG)), SanicAuth[Member])
    assert_type(SanicAuth(lambda _: CONFIG), SanicAuth[Member])


async def decorated_handlers_keep_their_types(request: Request[Any, Any]) -> None:
    auth = SanicAuth(CONFIG)

    @auth.required
    async def page(request: Request[Any, Any], name: str) -> HTTPResponse:
        return text(name)

    @auth.require(lambda session: session.user.role == "admin")
    def admin(request: Request[Any, Any]) -> HTTPResponse:
        return text("")

    assert_type(await page(request, "x"), HTTPResponse)
    assert_type(admin(request), HTTPResponse)
    assert_type(await auth.required(request), HTTPResponse | None)
    Blueprint("admin").on_request(auth.required)
