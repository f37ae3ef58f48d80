"""What the tests of this folder share: rows read by raw SQL, and engines."""

from __future__ import annotations

import inspect
import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from authwire.models import (
    Account,
    AdapterSession,
    Authenticator,
    User,
    VerificationToken,
)

T = TypeVar("T")
Fetch = Callable[[str, Sequence[str]], Any]
WAIT = 60
"""Seconds that SQLite waits for a lock."""
TABLES = ("accounts", "sessions", "verification_tokens", "authenticators", "users")
"""Those that refer to others first."""
POOL = {"pool_size": 5, "max_overflow": 0, "pool_timeout": 60}
"""Smaller than the crowd of the contract, which must wait for its turn."""


class RawReader:
    """Reads the tables with SQL of its own.

    Args:
        fetch: runs a statement; async or not.
        mark: the placeholder of the n-th parameter, from 1 on.
    """

    def __init__(self, fetch: Fetch, mark: Callable[[int], str] = lambda _: "?") -> None:
        self.fetch = fetch
        self.mark = mark

    async def one(self, table: str, kind: type[T], **key: str) -> T | None:
        where = " AND ".join(f"{name} = {self.mark(n)}" for n, name in enumerate(key, 1))
        found = self.fetch(f"SELECT * FROM {table} WHERE {where}", list(key.values()))
        rows = await found if inspect.isawaitable(found) else found
        # MySQL takes "a " for "a".
        rows = [row for row in rows if all(row[name] == wanted for name, wanted in key.items())]
        assert len(rows) <= 1
        if not rows:
            return None
        known = [item.name for item in fields(kind) if item.name in rows[0]]  # type: ignore[arg-type]  # always a dataclass
        return kind(**{name: _value(name, rows[0][name]) for name in known})

    async def user(self, user_id: str) -> User | None:
        return await self.one("users", User, id=user_id)

    async def account(self, provider: str, provider_account_id: str) -> Account | None:
        key = {"provider": provider, "provider_account_id": provider_account_id}
        return await self.one("accounts", Account, **key)

    async def session(self, session_token: str) -> AdapterSession | None:
        return await self.one("sessions", AdapterSession, session_token=session_token)

    async def verification_token(self, identifier: str, token: str) -> VerificationToken | None:
        key = {"identifier": identifier, "token": token}
        return await self.one("verification_tokens", VerificationToken, **key)

    async def authenticator(self, credential_id: str) -> Authenticator | None:
        return await self.one("authenticators", Authenticator, credential_id=credential_id)


def _value(name: str, raw: Any) -> Any:
    match name, raw:
        case "expires" | "email_verified", str():
            return datetime.fromisoformat(raw).replace(tzinfo=UTC)
        case "expires" | "email_verified", datetime(tzinfo=None):
            return raw.replace(tzinfo=UTC)
        case "credential_backed_up", bool():
            return raw
        case "credential_backed_up", _:
            return {0: False, 1: True}[raw]
        case "extra", str():
            return json.loads(raw)
    return raw


def read_file(path: Path) -> Fetch:
    def fetch(sql: str, params: Sequence[str]) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(path, timeout=WAIT)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, params)]

    return fetch


def read_engine(engine: Engine) -> Fetch:
    def fetch(sql: str, params: Sequence[str]) -> list[dict[str, Any]]:
        with engine.connect() as connection:
            rows = connection.exec_driver_sql(sql, tuple(params)).mappings()
            return [dict(row) for row in rows]

    return fetch


def drive(coro: Any) -> Any:
    """Send once; a coroutine that suspends fails the test."""
    with pytest.raises(StopIteration) as done:
        coro.send(None)
    return done.value.value


def drive_error(coro: Any) -> None:
    """Drive a coroutine that is expected to raise."""
    coro.send(None)


def file_engine(path: Path) -> Engine:
    return create_engine(f"sqlite:///{path}", connect_args={"timeout": WAIT})


def memory_engine() -> Engine:
    return create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
