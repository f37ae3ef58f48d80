"""Adapters on fresh keys, and reading their rows by commands."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

import redis

from authwire.models import Account, AdapterSession, Authenticator, User, VerificationToken

__all__ = ["RawReader", "drive", "fresh_prefix"]

V = TypeVar("V")
MOMENTS = ("email_verified", "expires")


class RawReader:
    """Reads keys with commands of its own.

    Args:
        client: a sync one that decodes its answers.
        prefix: the adapter's.
    """

    def __init__(self, client: Any, prefix: str) -> None:
        self.client = client
        self.prefix = prefix

    def owner(self, name: str) -> str | None:
        pointer = self.client.get(f"{self.prefix}{name}")
        return None if pointer is None else pointer.split(" ", 1)[1]

    def field(self, user_id: str, name: str, kind: type[V]) -> V | None:
        text = self.client.hget(f"{self.prefix}{{user:{user_id}}}", name)
        if text is None:
            return None
        values = json.loads(text)
        for moment in MOMENTS:
            if values.get(moment):
                values[moment] = datetime.fromisoformat(values[moment])
        return kind(**values)

    def named(self, name: str, kind: type[V]) -> V | None:
        owner = self.owner(name)
        return None if owner is None else self.field(owner, name, kind)

    def user(self, user_id: str) -> User | None:
        user = self.field(user_id, "user", User)
        if user is not None and user.email is not None:
            assert self.owner(f"email:{user.email}") == user_id
        return user

    def account(self, provider: str, provider_account_id: str) -> Account | None:
        return self.named(f"account:{quote(provider, safe='')}:{provider_account_id}", Account)

    def session(self, session_token: str) -> AdapterSession | None:
        owner = self.owner(f"session:{session_token}")
        if owner is None:
            return None
        score = self.client.zscore(f"{self.prefix}{{user:{owner}}}:sessions", session_token)
        if score is None:
            return None
        return AdapterSession(session_token=session_token, user_id=owner, expires=moment(score))

    def verification_token(self, identifier: str, token: str) -> VerificationToken | None:
        expiry = self.client.hget(f"{self.prefix}token:{token}", identifier)
        if expiry is None:
            return None
        return VerificationToken(identifier=identifier, token=token, expires=moment(expiry))

    def authenticator(self, credential_id: str) -> Authenticator | None:
        return self.named(f"passkey:{credential_id}", Authenticator)


def moment(ms: str | float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(ms))


def drive(coro: Any) -> Any:
    """Send once; a coroutine that suspends fails the test."""
    try:
        coro.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("the coroutine suspended")


@contextmanager
def fresh_prefix(port: int, host: str = "127.0.0.1", password: str = "") -> Iterator[str]:
    """A prefix of the test's own; whatever is below it goes at the end."""
    prefix = f"authwire_test_{uuid.uuid4().hex[:12]}:"
    yield prefix
    with redis.Redis(host=host, port=port, password=password or None) as client:
        for key in client.scan_iter(f"{prefix}*", count=1000):
            client.delete(key)
