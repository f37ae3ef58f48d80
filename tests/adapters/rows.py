"""What the tests of the adapters for ORMs share: raw readers, and calls of every method."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import psycopg.rows
import pymysql  # type: ignore[import-untyped]  # it has no types
import pymysql.cursors  # type: ignore[import-untyped]  # as above
import pytest
from sqlalchemy.ext.asyncio import create_async_engine
from tests.servers import Server

from authwire.adapters.sqlalchemy import SQLAlchemyAdapter
from authwire.errors import AdapterError
from authwire.models import Account, AdapterSession, Authenticator, User, VerificationToken
from authwire.ports import Adapter
from authwire.testing.adapter_contract import call

T = TypeVar("T")
Fetch = Callable[[str, Sequence[str]], list[dict[str, Any]]]
TABLES = ("sessions", "accounts", "authenticators", "verification_tokens", "users")
LATER = datetime(2031, 3, 5, 12, 30, 15, 123456, tzinfo=UTC)
WAIT = 60
"""Seconds that SQLite waits for a lock."""


# --- databases ------------------------------------------------------------------------------------


def sqlite_fetch(path: Path) -> Fetch:
    def fetch(sql: str, values: Sequence[str]) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(path, timeout=WAIT, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, values)]

    return fetch


def postgres_fetch(server: Server) -> Fetch:
    def fetch(sql: str, values: Sequence[str]) -> list[dict[str, Any]]:
        with psycopg.connect(
            host=server.host,
            port=server.port,
            user=server.user,
            password=server.password or None,
            dbname=server.database,
            autocommit=True,
            row_factory=psycopg.rows.dict_row,
        ) as connection:
            cursor = connection.execute(sql.replace("?", "%s").encode(), values)
            return cursor.fetchall() if cursor.description else []

    return fetch


def mariadb_fetch(server: Server) -> Fetch:
    def fetch(sql: str, values: Sequence[str]) -> list[dict[str, Any]]:
        with (
            pymysql.connect(
                host=server.host,
                port=server.port,
                user=server.user,
                password=server.password,
                database=server.database,
                autocommit=True,
                cursorclass=pymysql.cursors.DictCursor,
            ) as connection,
            connection.cursor() as cursor,
        ):
            # pymysql takes % for its own only if there are values.
            cursor.execute(sql.replace("?", "%s"), values or None)
            return list(cursor.fetchall())

    return fetch


def dropped(fetch: Fetch, *tables: str) -> None:
    for table in (*tables, *TABLES):
        fetch(f"DROP TABLE IF EXISTS {table}", ())


class RawReader:
    """Reads the tables with SQL of its own."""

    def __init__(self, fetch: Fetch) -> None:
        self.fetch = fetch

    def one(self, table: str, kind: type[T], **key: str) -> T | None:
        where = " AND ".join(f"{name} = ?" for name in key)
        rows = self.fetch(f"SELECT * FROM {table} WHERE {where}", list(key.values()))
        # MariaDB leaves trailing blanks out of account.
        rows = [row for row in rows if all(row[name] == key[name] for name in key)]
        assert len(rows) <= 1
        if not rows:
            return None
        names = [item.name for item in fields(kind)]  # type: ignore[arg-type]  # always a dataclass
        return kind(**{name: _value(name, rows[0][name]) for name in names})

    def user(self, user_id: str) -> User | None:
        return self.one("users", User, id=user_id)

    def account(self, provider: str, provider_account_id: str) -> Account | None:
        key = {"provider": provider, "provider_account_id": provider_account_id}
        return self.one("accounts", Account, **key)

    def session(self, session_token: str) -> AdapterSession | None:
        return self.one("sessions", AdapterSession, session_token=session_token)

    def verification_token(self, identifier: str, token: str) -> VerificationToken | None:
        key = {"identifier": identifier, "token": token}
        return self.one("verification_tokens", VerificationToken, **key)

    def authenticator(self, credential_id: str) -> Authenticator | None:
        return self.one("authenticators", Authenticator, credential_id=credential_id)


def _value(name: str, raw: Any) -> Any:
    match name:
        case "expires" | "email_verified":
            moment = datetime.fromisoformat(raw) if isinstance(raw, str) else raw
            return moment and moment.replace(tzinfo=moment.tzinfo or UTC)
        case "credential_backed_up":
            return {0: False, 1: True}[raw]
        case "extra":
            return json.loads(raw) if isinstance(raw, str) else raw
    return raw


# --- statements -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Samples:
    user: User
    account: Account
    session: AdapterSession
    token: VerificationToken
    passkey: Authenticator


def samples(user_id: str = "u-1") -> Samples:
    return Samples(
        user=User(id=user_id, name="Ann", email=f"{user_id}@example.com", email_verified=LATER),
        account=Account(
            user_id=user_id,
            type="oidc",
            provider="p",
            provider_account_id=user_id,
            access_token="secret",
            extra={"team": ["a", "ü"]},
        ),
        session=AdapterSession(session_token=f"s-{user_id}", user_id=user_id, expires=LATER),
        token=VerificationToken(identifier=user_id, token=f"t-{user_id}", expires=LATER),
        passkey=Authenticator(
            credential_id=f"{user_id}+/=",
            user_id=user_id,
            provider_account_id=f"{user_id}+/=",
            credential_public_key="BAUG",
            counter=1,
            credential_device_type="singleDevice",
            credential_backed_up=True,
            name="Key",
        ),
    )


def every_call(given: Samples) -> list[tuple[str, tuple[Any, ...]]]:
    """Each method once, in an order in which each finds its row."""
    user, account, session, token, passkey = vars(given).values()
    key = (account.provider, account.provider_account_id)
    later = LATER + timedelta(days=1)
    return [
        ("create_user", (user,)),
        ("get_user", (user.id,)),
        ("get_user_by_email", (user.email,)),
        ("update_user", (user.id, {"name": "Anna"})),
        ("link_account", (account,)),
        ("get_user_by_account", key),
        ("get_account", key),
        ("update_account", (account,)),
        ("list_accounts_by_user_id", (user.id,)),
        ("unlink_account", key),
        ("create_session", (session,)),
        ("get_session_and_user", (session.session_token,)),
        ("update_session", (session.session_token, later)),
        ("list_sessions_by_user_id", (user.id,)),
        ("delete_session", (session.session_token,)),
        ("delete_sessions_by_user_id", (user.id, "other")),
        ("delete_expired_sessions", (later,)),
        ("create_verification_token", (token,)),
        ("use_verification_token", (token.token, token.identifier)),
        ("delete_expired_verification_tokens", (later, 5)),
        ("create_authenticator", (passkey,)),
        ("get_authenticator", (passkey.credential_id,)),
        ("list_authenticators_by_user_id", (user.id,)),
        ("update_authenticator_counter", (passkey.credential_id, 5)),
        ("update_authenticator", (passkey.credential_id, {"name": "New"})),
        ("delete_authenticator", (passkey.credential_id,)),
        ("create_schema", ()),
        ("check_schema", ()),
        ("delete_user", (user.id,)),
    ]


assert {name for name, _ in every_call(samples())} == {
    name for name in vars(Adapter) if not name.startswith("_")
}

ONE_STATEMENT = {name: 1 for name, _ in every_call(samples())}
STATEMENTS = ONE_STATEMENT | {"delete_user": 4, "create_schema": 10, "check_schema": 10}
"""Where rows can be deleted and returned in one statement: PostgreSQL and SQLite."""
WITHOUT_RETURNING = STATEMENTS | dict.fromkeys(
    (
        "update_user",
        "update_account",
        "update_session",
        "delete_session",
        "use_verification_token",
        "update_authenticator_counter",
        "update_authenticator",
        "delete_authenticator",
    ),
    2,
)
"""MySQL and MariaDB, in a transaction for each."""


def noted(monkeypatch: pytest.MonkeyPatch, driver: type[Any], *methods: str) -> list[str]:
    """The statements that go through the ``methods`` of a driver's class from now on."""
    seen: list[str] = []

    def noting(run: Callable[..., Any]) -> Callable[..., Any]:
        def noted_run(self: Any, statement: str, *rest: Any, **options: Any) -> Any:
            seen.append(statement)
            return run(self, statement, *rest, **options)

        return noted_run

    for method in methods:
        monkeypatch.setattr(driver, method, noting(getattr(driver, method)))
    return seen


def queries(statements: Sequence[str]) -> list[str]:
    """Without what begins and ends transactions."""
    verbs = ("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER")
    return [text for text in statements if text.lstrip().upper().startswith(verbs)]


async def counted(adapter: Any, statements: list[str]) -> dict[str, int]:
    """How many statements each method needs."""
    found = {}
    for name, arguments in every_call(samples()):
        statements.clear()
        await call(getattr(adapter, name), *arguments)
        found[name] = len(queries(statements))
    return found


# --- what holds for each of the three -------------------------------------------------------------


async def assert_shared_with_sqlalchemy(adapter: Any, url: str, fetch: Fetch) -> None:
    """Rows go from one to the other and back, whoever made the tables."""
    arguments = {"timeout": WAIT} if url.startswith("sqlite") else {}
    engine = create_async_engine(url, connect_args=arguments)
    other: Any = SQLAlchemyAdapter(engine)
    try:
        for maker in (adapter, other):
            dropped(fetch)
            await call(maker.create_schema)
            assert await call(adapter.check_schema) == []
            for user_id, writer, reader in (("a", adapter, other), ("b", other, adapter)):
                await _assert_handed_over(samples(user_id), writer, reader)
    finally:
        await engine.dispose()


async def _assert_handed_over(given: Samples, writer: Any, reader: Any) -> None:
    user, account, session = given.user, given.account, given.session
    token, passkey = given.token, given.passkey
    await call(writer.create_user, user)
    await call(writer.link_account, account)
    await call(writer.create_session, session)
    await call(writer.create_verification_token, token)
    await call(writer.create_authenticator, passkey)
    key = (account.provider, account.provider_account_id)
    assert await call(reader.get_user_by_account, *key) == user
    assert await call(reader.get_account, *key) == account
    assert await call(reader.get_session_and_user, session.session_token) == (session, user)
    assert await call(reader.get_authenticator, passkey.credential_id) == passkey
    # Times are compared in the database, so both must write them alike.
    assert await call(reader.delete_expired_sessions, LATER) == 0
    just_after = LATER + timedelta(microseconds=1)
    assert await call(reader.delete_expired_sessions, just_after) == 1
    assert await call(reader.use_verification_token, token.token, token.identifier) == token
    renamed = replace(user, name="Anna")
    assert await call(reader.update_user, user.id, {"name": "Anna"}) == renamed
    assert await call(writer.get_user, user.id) == renamed
    await call(reader.delete_user, user.id)
    assert await call(writer.get_account, *key) is None


async def assert_nothing_half_deleted(adapter: Any, store: RawReader, obstacle: str) -> None:
    """The last of the statements that delete a user fails; all rows stay."""
    given = samples()
    await call(adapter.create_user, given.user)
    await call(adapter.create_session, given.session)
    await call(adapter.link_account, given.account)
    store.fetch(obstacle, ())
    with pytest.raises(Exception):  # noqa: B017, PT011  # each driver has its own class
        await call(adapter.delete_user, given.user.id)
    assert store.user(given.user.id) == given.user
    assert store.session(given.session.session_token) == given.session
    assert store.account("p", given.account.provider_account_id) == given.account


OBSTACLES = {
    "sqlite": "CREATE TRIGGER blocked BEFORE DELETE ON users BEGIN SELECT RAISE(ABORT, 'no'); END",
    "mysql": "CREATE TRIGGER blocked BEFORE DELETE ON users FOR EACH ROW SIGNAL SQLSTATE '45000'",
    "postgresql": "CREATE RULE blocked AS ON DELETE TO users DO INSTEAD SELECT 1 / 0",
}


async def assert_unknown_users_are_refused(adapter: Any) -> None:
    given = samples("nobody")
    for method, row in (
        (adapter.link_account, given.account),
        (adapter.create_session, given.session),
        (adapter.create_authenticator, given.passkey),
    ):
        with pytest.raises(AdapterError, match=r"^no such user$") as caught:
            await call(method, row)
        assert caught.value.__context__ is None


async def assert_taken_values_are_named(adapter: Any) -> None:
    given = samples()
    await call(adapter.create_user, given.user)
    other = replace(given.user, id="other", email="other@example.com")
    await call(adapter.create_user, other)
    for row, message in (
        (replace(given.user, email="new@example.com"), "the user id is already taken"),
        (replace(given.user, id="new"), "the e-mail is already taken"),
    ):
        with pytest.raises(AdapterError, match=f"^{message}$") as caught:
            await call(adapter.create_user, row)
        assert caught.value.__context__ is None
    with pytest.raises(AdapterError, match=r"^the e-mail is already taken$") as caught:
        await call(adapter.update_user, "other", {"email": given.user.email})
    assert caught.value.__context__ is None
    with pytest.raises(ValueError, match="cannot change"):
        await call(adapter.update_user, "other", {"id": "x"})
    with pytest.raises(TypeError, match="no field 'nam'"):
        await call(adapter.update_user, "other", {"nam": "x"})
    with pytest.raises(ValueError, match="without a time zone"):
        await call(adapter.update_user, "other", {"email_verified": LATER.replace(tzinfo=None)})


async def assert_check_schema_names_what_is_missing(adapter: Any, fetch: Fetch) -> None:
    fetch("DROP TABLE accounts", ())
    fetch("ALTER TABLE users DROP COLUMN image", ())
    fetch("DROP TABLE verification_tokens", ())
    fetch(
        "CREATE TABLE verification_tokens"
        " (identifier VARCHAR(320), token VARCHAR(255), expires VARCHAR(50))",
        (),
    )
    lacks = await call(adapter.check_schema)
    assert [text for text in lacks if "collation" not in text] == [
        "the column users.image is missing",
        "the table accounts is missing",
        "the unique index on verification_tokens (identifier, token) is missing",
        "the index on verification_tokens (token) is missing",
        "the index on verification_tokens (expires) is missing",
    ]
    fetch("ALTER TABLE users ADD COLUMN image TEXT", ())
    await call(adapter.create_schema)
    lacks = await call(adapter.check_schema)
    assert [text for text in lacks if "collation" not in text] == []


async def assert_own_fields_are_kept(adapter: Any, user: User, changes: dict[str, Any]) -> None:
    assert await call(adapter.create_user, user) == user
    assert await call(adapter.get_user, user.id) == user
    changed = replace(user, **changes)
    assert await call(adapter.update_user, user.id, changes) == changed
    account = Account(user_id=user.id, type="oidc", provider="p", provider_account_id="1")
    await call(adapter.link_account, account)
    assert await call(adapter.get_user_by_account, "p", "1") == changed
    session = AdapterSession(session_token="s", user_id=user.id, expires=LATER)
    await call(adapter.create_session, session)
    assert await call(adapter.get_session_and_user, "s") == (session, changed)


@contextlib.contextmanager
def not_installed(monkeypatch: pytest.MonkeyPatch, ours: str, theirs: str) -> Iterator[None]:
    """As if the third-party package were not installed."""
    for name in [*sys.modules]:
        if name == ours or name.startswith(f"{ours}."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, theirs, None)
    yield
    monkeypatch.undo()
