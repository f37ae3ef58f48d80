"""What a type checker must say about the public API. Never run: mypy and pyright read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_type

from authwire import (
    Auth,
    AuthConfig,
    Authenticator,
    Callbacks,
    Events,
    JWTParams,
    Request,
    Session,
    SessionParams,
    SignInEvent,
    SignInParams,
    SyncAuth,
    User,
)
from authwire.adapters.memory import MemoryAdapter
from authwire.models import JSON
from authwire.providers import Apple, Credentials, GitHub, Google, Passkey


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


async def the_users_type_flows_through(request: Request) -> None:
    auth = Auth(AuthConfig(providers=[GitHub, Google(client_id="x")], user=Member))
    session = await auth.session(request)
    assert_type(session, Session[Member] | None)
    if session is not None:
        assert_type(session.user.role, str)


async def passkeys_are_rows(request: Request) -> None:
    auth = Auth(AuthConfig(providers=[Passkey()], adapter=MemoryAdapter()))
    assert_type(await auth.passkeys(request).list(), list[Authenticator])
    sync = SyncAuth(AuthConfig(providers=[Passkey(sign_up=False)], adapter=MemoryAdapter()))
    assert_type(sync.passkeys(request).rename("id", "Laptop"), Authenticator)


def sync_apps_get_the_same_types(request: Request) -> None:
    auth = SyncAuth(AuthConfig(providers=[GitHub()], user=Member))
    assert_type(auth.session(request), Session[Member] | None)


async def without_a_type_of_ones_own_it_is_user(request: Request) -> None:
    auth = Auth(AuthConfig(providers=[Apple()]))
    assert_type(await auth.session(request), Session[User] | None)


def callbacks_may_be_sync_or_async() -> None:
    def sign_in(params: SignInParams[Member]) -> bool | str:
        return params.user.role == "member" or "/no"

    async def jwt(params: JWTParams[Member]) -> JSON | None:
        return params.token

    def session(params: SessionParams[Member]) -> JSON:
        return params.session

    def greet(event: SignInEvent[Member]) -> None:
        print(event.user.role)

    def judge(_credentials: object, _request: Request) -> Member | None:
        return None

    AuthConfig(
        providers=[Credentials(authorize=judge)],
        user=Member,
        adapter=MemoryAdapter(user=Member),
        callbacks=Callbacks(sign_in=sign_in, jwt=jwt, session=session),
        events=Events(sign_in=greet),
    )
