"""What a type checker must say about Django's integration. Never run: mypy and pyright read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_type

from authwire import Auth, AuthConfig, Session, SyncAuth, User, has_role
from authwire.integrations.django import DjangoAuth, SessionUser, auth, session_required
from authwire.passkeys import Passkeys, SyncPasskeys


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


CONFIG = AuthConfig(user=Member)
PLAIN: AuthConfig = AuthConfig()


def sync_views_know_the_users_type(request: Any) -> None:
    own = DjangoAuth(CONFIG, protect=["/account/*"])
    assert_type(own, DjangoAuth[Member])
    assert_type(own.auth, SyncAuth[Member])
    assert_type(own.aauth, Auth[Member])
    assert_type(own.session(request), Session[Member] | None)
    assert_type(own.update_session(request, {}), Session[Member] | None)
    assert_type(own.passkeys(request), SyncPasskeys[Member])
    assert_type(DjangoAuth(lambda _: CONFIG), DjangoAuth[Member])
    assert_type(DjangoAuth(PLAIN), DjangoAuth[User])
    assert_type(auth.session(request), Session[User] | None)
    session = own.session(request)
    if session is not None:
        assert_type(SessionUser(session).user.role, str)


async def async_views_do_too(request: Any) -> None:
    own = DjangoAuth(CONFIG)
    assert_type(await own.asession(request), Session[Member] | None)
    assert_type(await own.aupdate_session(request, {}), Session[Member] | None)
    assert_type(own.apasskeys(request), Passkeys[Member])


def decorators_keep_the_types_of_views(request: Any) -> None:
    own = DjangoAuth(CONFIG)

    @own.require(lambda session: session.user.role == "admin")
    def admin(request: Any, name: str) -> bytes:
        return name.encode()

    @own.require(has_role("admin"))
    @session_required
    def both(request: Any) -> int:
        return 1

    assert_type(admin(request, "x"), bytes)
    assert_type(both(request), int)
    own.require(lambda session: session.user.rule == "admin")  # type: ignore[attr-defined]  # the point
