"""What a type checker must say about the integration with aiohttp. Never run: mypy and pyright read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_type

from aiohttp import web

from authwire import Auth, AuthConfig, Session, User
from authwire.integrations.aiohttp import AioHttpAuth
from authwire.passkeys import Passkeys


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


CONFIG = AuthConfig(user=Member)
PLAIN: AuthConfig = AuthConfig()


async def aiohttp_knows_the_users_type(request: web.Request) -> None:
    auth = AioHttpAuth(CONFIG)
    assert_type(await auth.session(request), Session[Member] | None)
    assert_type(await auth.update_session(request, {}), Session[Member] | None)
    assert_type(await auth.sign_out(request), web.Response)
    assert_type(auth.passkeys(request), Passkeys[Member])
    assert_type(AioHttpAuth(PLAIN), AioHttpAuth[User])
    assert_type(AioHttpAuth(Auth(CONFIG)), AioHttpAuth[Member])
    assert_type(AioHttpAuth(lambda _: CONFIG), AioHttpAuth[Member])

    @auth.required
    async def page(request: web.Request) -> web.StreamResponse:
        return web.StreamResponse()

    @auth.require(lambda session: session.user.role == "admin")
    class Page(web.View):
        role = "admin"

    assert_type(await page(request), web.StreamResponse)
    assert_type(Page(request).role, str)
    app = web.Application(middlewares=[auth.middleware(protect=["/*"])])
    auth.setup(app)
    app.router.add_get("/page", page)
    app.router.add_view("/view", Page)
