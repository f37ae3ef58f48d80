"""What a type checker must say about the Litestar plugin. Never run: mypy and pyright read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_type

from litestar import Litestar, Request, Response, WebSocket, get, websocket
from litestar.datastructures import State
from litestar.di import NamedDependency

from authwire import Auth, AuthConfig, Session, User
from authwire.integrations.litestar import LitestarAuth


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


CONFIG = AuthConfig(user=Member)
PLAIN: AuthConfig = AuthConfig()
SignedIn = Request[Member, Session[Member], State]


def litestar_knows_the_users_type() -> Litestar:
    auth = LitestarAuth(CONFIG)
    assert_type(auth, LitestarAuth[Member])
    assert_type(LitestarAuth(PLAIN), LitestarAuth[User])
    assert_type(LitestarAuth(Auth(CONFIG)), LitestarAuth[Member])
    assert_type(LitestarAuth(lambda _: CONFIG), LitestarAuth[Member])

    @get("/", guards=[auth.required])
    async def handler(request: SignedIn, session: NamedDependency[Session[Member]]) -> str:
        assert_type(request.user, Member)
        assert_type(request.auth, Session[Member])
        assert_type(await auth.session(request), Session[Member] | None)
        assert_type(await auth.update_session(request, {}), Session[Member] | None)
        return session.user.role

    @get("/out", guards=[auth.require(lambda session: session.user.role == "admin")])
    async def out(request: SignedIn) -> Response[bytes]:
        return assert_type(await auth.sign_out(request), Response[bytes])

    @websocket("/chat", guards=[auth.required])
    async def chat(socket: WebSocket[Member, Session[Member], State]) -> None:
        assert_type(socket.user.role, str)
        assert_type(await auth.session(socket), Session[Member] | None)

    return Litestar(
        [handler, out, chat],
        plugins=[auth],
        guards=[auth.required],
        middleware=[auth.middleware(protect=["/*"]), auth.authentication(exclude=["^/health"])],
    )
