"""What a type checker must say about the BlackSheep integration. Never run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_type

from blacksheep import Request, Response, WebSocket

from authwire import Auth, AuthConfig, Session, User, has_role
from authwire.integrations.blacksheep import (
    BlackSheepAuth,
    FromSession,
    SessionIdentity,
    SessionRequirement,
)


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


CONFIG = AuthConfig(user=Member)
PLAIN: AuthConfig = AuthConfig()


async def blacksheep_knows_the_users_type(request: Request, websocket: WebSocket) -> None:
    auth = BlackSheepAuth(CONFIG)
    assert_type(await auth.session(request), Session[Member] | None)
    assert_type(await auth.session(websocket), Session[Member] | None)
    assert_type(await auth.update_session(request, {}), Session[Member] | None)
    assert_type(await auth.sign_out(request), Response)
    assert_type(auth.requirement(lambda s: s.user.role == "admin"), SessionRequirement[Member])
    assert_type(BlackSheepAuth(PLAIN), BlackSheepAuth[User])
    assert_type(BlackSheepAuth(Auth(CONFIG)), BlackSheepAuth[Member])
    assert_type(BlackSheepAuth(lambda _: CONFIG), BlackSheepAuth[Member])

    @auth.required
    async def page(session: FromSession[Member], identity: SessionIdentity[Member]) -> str:
        assert_type(session.value, Session[Member])
        return session.value.user.role + identity.user.role

    @auth.require(has_role("admin"))
    async def admin() -> int:
        return 1

    assert_type(await admin(), int)
    del page
