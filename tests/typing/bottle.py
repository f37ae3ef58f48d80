"""What a type checker must say about the Bottle integration. Never run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_type

from authwire import AuthConfig, Session, SyncAuth, User
from authwire.integrations.bottle import BottleAuth


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


CONFIG = AuthConfig(user=Member)
PLAIN: AuthConfig = AuthConfig()


def bottle_knows_the_users_type() -> None:
    auth = BottleAuth(CONFIG)
    assert_type(auth.session(), Session[Member] | None)
    assert_type(auth.required_session(), Session[Member])
    assert_type(auth.update_session({}), Session[Member] | None)
    assert_type(BottleAuth(PLAIN), BottleAuth[User])
    assert_type(BottleAuth(SyncAuth(CONFIG)), BottleAuth[Member])
    assert_type(BottleAuth(lambda _: CONFIG), BottleAuth[Member])

    @auth.require(lambda session: session.user.role == "admin")
    def page(name: str) -> str:
        return name

    assert_type(page("x"), str)
