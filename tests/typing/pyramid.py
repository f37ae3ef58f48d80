"""What a type checker must say about the Pyramid integration. Never run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_type

from authwire import AuthConfig, Session, SyncAuth, User
from authwire.integrations.pyramid import PyramidAuth, SessionPolicy


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


CONFIG = AuthConfig(user=Member)
PLAIN: AuthConfig = AuthConfig()


def pyramid_knows_the_users_type(request: Any) -> None:
    auth = PyramidAuth(CONFIG, principals=lambda session: [f"role:{session.user.role}"])
    assert_type(auth.session(request), Session[Member] | None)
    assert_type(auth.required_session(request), Session[Member])
    assert_type(auth.update_session(request, {}), Session[Member] | None)
    assert_type(auth.policy, SessionPolicy[Member])
    assert_type(auth.policy.identity(request), Session[Member] | None)
    assert_type(PyramidAuth(PLAIN), PyramidAuth[User])
    assert_type(PyramidAuth(SyncAuth(CONFIG)), PyramidAuth[Member])
    assert_type(PyramidAuth(lambda _: CONFIG), PyramidAuth[Member])

    @auth.require(lambda session: session.user.role == "admin")
    def page(request: Any) -> str:
        return ""

    assert_type(page(request), str)
