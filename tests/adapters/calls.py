"""One call of every method of an adapter, for tests that count what it sends."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from authwire.models import Account, AdapterSession, Authenticator, User, VerificationToken
from authwire.ports import Adapter

__all__ = [
    "LATER",
    "Call",
    "account_of",
    "calls",
    "counted",
    "passkey_of",
    "session_of",
    "stored",
    "token_of",
]

LATER = datetime(2031, 3, 5, 12, 30, 15, 123456, tzinfo=UTC)


@dataclass(frozen=True)
class Call:
    method: str
    args: tuple[Any, ...] = ()
    case: str = ""
    """What is special about it, if a method is called in more than one way."""

    def __str__(self) -> str:
        return f"{self.method} {self.case}".strip()


def account_of(user: User, number: int = 1, **changes: Any) -> Account:
    values: dict[str, Any] = {"type": "oidc", "provider": "p", "provider_account_id": str(number)}
    return Account(user_id=user.id, **values | changes)


def session_of(user: User, number: int = 1) -> AdapterSession:
    return AdapterSession(session_token=f"s-{number}", user_id=user.id, expires=LATER)


def token_of(number: int = 1) -> VerificationToken:
    return VerificationToken(identifier="a@example.com", token=f"t-{number}", expires=LATER)


def passkey_of(user: User, number: int = 1) -> Authenticator:
    return Authenticator(
        credential_id=f"AQI{number}",
        user_id=user.id,
        provider_account_id=f"AQI{number}",
        credential_public_key="BAUG",
        counter=0,
        credential_device_type="singleDevice",
        credential_backed_up=False,
    )


async def stored(adapter: Any, number: int = 1) -> User:
    """A user with an account, two sessions, a token and a passkey."""
    user = await adapter.create_user(User(id=f"u-{number}", email=f"{number}@example.com"))
    await adapter.link_account(account_of(user, number))
    await adapter.create_session(session_of(user, number))
    await adapter.create_session(session_of(user, number + 100))
    await adapter.create_verification_token(token_of(number))
    await adapter.create_authenticator(passkey_of(user, number))
    assert isinstance(user, User)
    return user


def calls(user: User) -> list[Call]:
    """Of every method at least one, where ``user`` is `stored`. `delete_user` comes last."""
    late = datetime(2100, 1, 1, tzinfo=UTC)
    account, passkey = account_of(user), passkey_of(user)
    made = [
        Call("create_user", (User(id="u-8", email="8@example.com"),)),
        Call("create_user", (User(id="u-9"),), "without an e-mail"),
        Call("get_user", ("u-1",)),
        Call("get_user_by_email", ("1@example.com",)),
        Call("get_user_by_account", ("p", "1")),
        Call("update_user", ("u-1", {"name": "Ann"})),
        Call("update_user", ("u-1", {"email": "new@example.com"}), "with another e-mail"),
        Call("link_account", (replace(account, provider_account_id="2"),)),
        Call("get_account", ("p", "1")),
        Call("update_account", (account,)),
        Call("list_accounts_by_user_id", ("u-1",)),
        Call("unlink_account", ("p", "2")),
        Call("create_session", (session_of(user, 2),)),
        Call("get_session_and_user", ("s-1",)),
        Call("update_session", ("s-1", LATER)),
        Call("list_sessions_by_user_id", ("u-1",)),
        Call("delete_session", ("s-2",)),
        Call("delete_sessions_by_user_id", ("u-1", "s-1")),
        Call("delete_expired_sessions", (late,)),
        Call("create_verification_token", (token_of(2),)),
        Call("use_verification_token", ("t-1", "a@example.com")),
        Call("use_verification_token", ("t-2", None), "without an identifier"),
        Call("delete_expired_verification_tokens", (late,)),
        Call("create_authenticator", (passkey_of(user, 2),)),
        Call("get_authenticator", ("AQI1",)),
        Call("list_authenticators_by_user_id", ("u-1",)),
        Call("update_authenticator_counter", ("AQI1", 1)),
        Call("update_authenticator", ("AQI1", {"name": "Key"})),
        Call("delete_authenticator", (passkey.credential_id,)),
        Call("check_schema"),
        Call("create_schema"),
        Call("delete_user", ("u-1",)),
    ]
    port = {name for name in vars(Adapter) if not name.startswith("_")}
    assert {call.method for call in made} == port
    return made


async def counted(adapter: Any, seen: list[str]) -> dict[str, list[str]]:
    """What each call sends, where ``seen`` is what a hook of the driver adds to."""
    sent: dict[str, list[str]] = {}
    for call in calls(await stored(adapter)):
        seen.clear()
        await getattr(adapter, call.method)(*call.args)
        sent[str(call)] = list(seen)
    return sent


def sleeping_here(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Collects the pauses of this thread instead of making them; those of others, of drivers say, stay."""
    pauses: list[float] = []
    here, sleep = threading.current_thread(), time.sleep

    def pause(seconds: float) -> None:
        if threading.current_thread() is here:
            pauses.append(seconds)
        else:
            sleep(seconds)

    monkeypatch.setattr("time.sleep", pause)
    return pauses
