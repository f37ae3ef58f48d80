"""What a type checker must say about the Falcon integration. Never run: mypy and pyright read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_type

import falcon
import falcon.asgi

from authwire import Auth, AuthConfig, Session, SyncAuth, User
from authwire.integrations.falcon import FalconAuth, SyncFalconAuth
from authwire.passkeys import Passkeys, SyncPasskeys


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


CONFIG = AuthConfig(user=Member)
PLAIN: AuthConfig = AuthConfig()


async def falcon_knows_the_users_type(req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
    auth = FalconAuth(CONFIG, falcon.asgi.App())
    assert_type(await auth.session(req), Session[Member] | None)
    assert_type(auth.current_session(req), Session[Member])
    assert_type(await auth.update_session(req, {}), Session[Member] | None)
    await auth.sign_out(req, resp)
    assert_type(auth.passkeys(req), Passkeys[Member])
    assert_type(FalconAuth(PLAIN), FalconAuth[User])
    assert_type(FalconAuth(Auth(CONFIG)), FalconAuth[Member])

    @auth.require(lambda session: session.user.role == "admin")
    class Admin:
        @auth.required
        async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
            resp.text = "admin"

    assert_type(Admin(), Admin)
    assert_type(await Admin().on_get(req, resp), None)


def falcon_knows_it_in_wsgi_too(req: falcon.Request, resp: falcon.Response) -> None:
    auth = SyncFalconAuth(CONFIG, falcon.App())
    assert_type(auth.session(req), Session[Member] | None)
    assert_type(auth.current_session(req), Session[Member])
    assert_type(auth.update_session(req, {}), Session[Member] | None)
    assert_type(auth.passkeys(req), SyncPasskeys[Member])
    assert_type(SyncFalconAuth(SyncAuth(CONFIG)), SyncFalconAuth[Member])
    assert_type(SyncFalconAuth(lambda _: CONFIG), SyncFalconAuth[Member])

    class Me:
        @falcon.before(auth.required)
        def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
            auth.sign_out(req, resp)

    Me().on_get(req, resp)
