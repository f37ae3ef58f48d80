"""MariaDB, through two drivers. It speaks for MySQL too, as far as it is told to do without RETURNING."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import asyncmy
import asyncmy.cursors
import pymysql
import pymysql.cursors
import pytest
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from tests.adapters.sqlalchemy.rows import POOL, TABLES, RawReader, drive
from tests.servers import Server

from authwire.adapters.sqlalchemy import SQLAlchemyAdapter, default_models
from authwire.models import Account, AdapterSession, Authenticator, User, VerificationToken
from authwire.testing._adapter_contract.base import LATER
from authwire.testing.adapter_contract import AdapterContract


def login(server: Server) -> dict[str, Any]:
    names = ("host", "port", "user", "password", "database")
    return {name: getattr(server, name) for name in names}


@pytest.fixture(scope="module")
def connection(mariadb: Server) -> Iterator[Any]:
    """A raw connection to a database that has the tables."""
    engine = create_engine(mariadb.url("mysql+pymysql"))
    metadata = default_models().user.metadata
    metadata.create_all(engine)
    cursors = pymysql.cursors.DictCursor
    with pymysql.connect(**login(mariadb), autocommit=True, cursorclass=cursors) as raw:
        yield raw
    metadata.drop_all(engine)
    engine.dispose()


@pytest.fixture
def empty_tables(connection: Any) -> None:
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table}")


@pytest.fixture
def read_by_pymysql(connection: Any) -> RawReader:
    def fetch(sql: str, params: Sequence[str]) -> list[dict[str, Any]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall())

    return RawReader(fetch, lambda _: "%s")


@pytest.fixture(scope="class")
async def raw_asyncmy(mariadb: Server) -> AsyncIterator[Any]:
    connection = await asyncmy.connect(**login(mariadb), autocommit=True)
    yield connection
    await connection.ensure_closed()


@pytest.fixture
def read_by_asyncmy(raw_asyncmy: Any) -> RawReader:
    async def fetch(sql: str, params: Sequence[str]) -> list[dict[str, Any]]:
        async with raw_asyncmy.cursor(cursor=asyncmy.cursors.DictCursor) as cursor:
            await cursor.execute(sql, params)
            return list(await cursor.fetchall())

    return RawReader(fetch, lambda _: "%s")


@pytest.fixture(scope="class")
async def async_engine(mariadb: Server) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(mariadb.url("mysql+asyncmy"), **POOL)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="class")
def sync_engine(mariadb: Server) -> Iterator[Engine]:
    engine = create_engine(mariadb.url("mysql+pymysql"), **POOL)
    yield engine
    engine.dispose()


class TestMariaDBByAsyncmy(AdapterContract):
    @pytest.fixture
    def adapter(self, empty_tables: None, async_engine: AsyncEngine) -> SQLAlchemyAdapter:
        return SQLAlchemyAdapter(async_engine)

    @pytest.fixture
    def store(self, read_by_pymysql: RawReader) -> RawReader:
        return read_by_pymysql


class TestMariaDBByPymysqlInThreads(AdapterContract):
    callers = "threads"

    @pytest.fixture
    def adapter(self, empty_tables: None, sync_engine: Engine) -> SQLAlchemyAdapter:
        return SQLAlchemyAdapter(sync_engine)

    @pytest.fixture
    def store(self, read_by_asyncmy: RawReader) -> RawReader:
        return read_by_asyncmy


class TestMySQL(TestMariaDBByAsyncmy):
    """MySQL cannot delete and return in one statement."""

    @pytest.fixture
    async def adapter(self, empty_tables: None, async_engine: AsyncEngine) -> SQLAlchemyAdapter:
        async with async_engine.connect():  # it now knows the server, and would look no more
            async_engine.dialect.delete_returning = False
        return SQLAlchemyAdapter(async_engine)


@pytest.fixture
def adapter(empty_tables: None, sync_engine: Engine) -> SQLAlchemyAdapter:
    return SQLAlchemyAdapter(sync_engine)


@pytest.mark.anyio
async def test_a_blank_at_the_end_makes_another_key(
    adapter: SQLAlchemyAdapter, read_by_pymysql: RawReader
) -> None:
    """MySQL's own comparison skips it, so that another row would be changed or deleted."""
    store = read_by_pymysql
    user = drive(adapter.create_user(User(id="u", email="a@example.com")))
    account = drive(
        adapter.link_account(
            Account(user_id="u", type="oidc", provider="p", provider_account_id="1")
        )
    )
    session = drive(
        adapter.create_session(AdapterSession(session_token="s", user_id="u", expires=LATER))
    )
    token = drive(
        adapter.create_verification_token(
            VerificationToken(identifier="a@example.com", token="t", expires=LATER)
        )
    )
    passkey = drive(
        adapter.create_authenticator(
            Authenticator(
                credential_id="AQID",
                user_id="u",
                provider_account_id="AQID",
                credential_public_key="BAUG",
                counter=0,
                credential_device_type="singleDevice",
                credential_backed_up=False,
            )
        )
    )
    drive(adapter.unlink_account("p", "1 "))
    drive(adapter.unlink_account("p ", "1"))
    drive(adapter.delete_user("u "))
    for call in (
        adapter.delete_session("s "),
        adapter.update_session("s ", LATER.replace(year=2040)),
        adapter.use_verification_token("t ", "a@example.com"),
        adapter.use_verification_token("t", "a@example.com "),
        adapter.use_verification_token("t ", None),
        adapter.delete_authenticator("AQID "),
        adapter.get_user_by_email("a@example.com "),
    ):
        assert drive(call) is None
    assert drive(adapter.delete_sessions_by_user_id("u ")) == 0
    assert drive(adapter.list_accounts_by_user_id("u ")) == []
    assert await store.user("u") == user
    assert await store.account("p", "1") == account
    assert await store.session("s") == session
    assert await store.verification_token("a@example.com", "t") == token
    assert await store.authenticator("AQID") == passkey


def test_a_session_is_kept_only_under_its_exact_token(adapter: SQLAlchemyAdapter) -> None:
    drive(adapter.create_user(User(id="u")))
    drive(adapter.create_session(AdapterSession(session_token="s", user_id="u", expires=LATER)))
    assert drive(adapter.delete_sessions_by_user_id("u", "s")) == 0
    assert drive(adapter.delete_sessions_by_user_id("u", "s ")) == 1


def test_a_lookup_uses_an_index_though_it_compares_bytes(
    adapter: SQLAlchemyAdapter, sync_engine: Engine
) -> None:
    seen: list[tuple[str, Any]] = []
    event.listen(
        sync_engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, values, *_: seen.append((statement, values)),
    )
    with sync_engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO users (id, email) SELECT seq, CONCAT(seq, '@example.com') FROM seq_1_to_5000"
        )
        connection.exec_driver_sql("ANALYZE TABLE users")
    assert drive(adapter.get_user_by_email("7@example.com")) == User(id="7", email="7@example.com")
    statement, values = seen[-1]
    with sync_engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN {statement}", values).mappings().one()
    assert (plan["key"], int(plan["rows"])) == ("email", 1)
