from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Literal

import anyio
import pytest
from peewee import (
    CharField,
    DateField,
    DecimalField,
    MySQLDatabase,
    PostgresqlDatabase,
    Proxy,
    SqliteDatabase,
    TextField,
)
from playhouse.pool import (  # type: ignore[import-untyped]  # it has no types
    PooledMySQLDatabase,
    PooledPostgresqlDatabase,
)
from playhouse.pwasyncio import (  # type: ignore[import-untyped]  # as above
    AsyncPostgresqlDatabase,
    AsyncSqliteDatabase,
)
from tests.adapters import rows
from tests.servers import Server

from authwire.adapters.peewee import AbstractUser, Models, PeeweeAdapter
from authwire.models import User
from authwire.testing.adapter_contract import AdapterContract

Callers = Literal["tasks", "threads"] | None
PRAGMAS = {"foreign_keys": 1, "journal_mode": "wal"}


def options(server: Server) -> dict[str, Any]:
    given = {"host": server.host, "port": server.port, "user": server.user}
    return {**given, "password": server.password} if server.password else given


class Blocking:
    callers: ClassVar[Callers] = "threads"

    @pytest.fixture
    def fetch(self, database: Any) -> rows.Fetch:
        raise NotImplementedError

    @pytest.fixture
    async def adapter(self, database: Any, fetch: rows.Fetch) -> Any:
        rows.dropped(fetch)
        adapter = PeeweeAdapter(database)
        await adapter.create_schema()
        return adapter

    @pytest.fixture
    def store(self, fetch: rows.Fetch) -> rows.RawReader:
        return rows.RawReader(fetch)


class OnSQLite(Blocking):
    @pytest.fixture
    def database(self, tmp_path: Path) -> Any:
        return SqliteDatabase(str(tmp_path / "auth.db"), pragmas=PRAGMAS, timeout=rows.WAIT)

    @pytest.fixture
    def fetch(self, tmp_path: Path) -> rows.Fetch:
        return rows.sqlite_fetch(tmp_path / "auth.db")


class OnPostgres(Blocking):
    @pytest.fixture
    def database(self, postgres: Server) -> Iterator[Any]:
        given = options(postgres)
        database = PooledPostgresqlDatabase(
            postgres.database, **given, max_connections=8, timeout=rows.WAIT
        )
        yield database
        database.close_all()

    @pytest.fixture
    def fetch(self, postgres: Server) -> rows.Fetch:
        return rows.postgres_fetch(postgres)


class OnMariaDB(Blocking):
    @pytest.fixture
    def database(self, mariadb: Server) -> Iterator[Any]:
        given = options(mariadb)
        database = PooledMySQLDatabase(
            mariadb.database, **given, max_connections=8, timeout=rows.WAIT
        )
        yield database
        database.close_all()

    @pytest.fixture
    def fetch(self, mariadb: Server) -> rows.Fetch:
        return rows.mariadb_fetch(mariadb)


class Async:
    callers: ClassVar[Callers] = None

    @pytest.fixture
    async def adapter(self, database: Any, fetch: rows.Fetch) -> AsyncIterator[Any]:
        rows.dropped(fetch)
        adapter = PeeweeAdapter(database)
        await adapter.create_schema()
        yield adapter
        await database.close_pool()


class AsyncOnSQLite(Async, OnSQLite):
    callers: ClassVar[Callers] = None

    @pytest.fixture
    def database(self, tmp_path: Path) -> Any:
        return AsyncSqliteDatabase(
            tmp_path / "auth.db", pragmas=PRAGMAS, timeout=rows.WAIT, acquire_timeout=rows.WAIT
        )


class AsyncOnPostgres(Async, OnPostgres):
    callers: ClassVar[Callers] = None

    @pytest.fixture
    def database(self, postgres: Server) -> Any:
        given = options(postgres)
        return AsyncPostgresqlDatabase(
            postgres.database, **given, pool_size=8, acquire_timeout=rows.WAIT
        )


class TestPeeweeSQLite(OnSQLite, AdapterContract): ...


class TestPeeweePostgres(OnPostgres, AdapterContract): ...


class TestPeeweeMariaDB(OnMariaDB, AdapterContract): ...


class TestPeeweeAsyncSQLite(AsyncOnSQLite, AdapterContract): ...


class TestPeeweeAsyncPostgres(AsyncOnPostgres, AdapterContract): ...


class Own:
    """What holds on each database beyond the contract."""

    pytestmark = pytest.mark.anyio
    kind: ClassVar[str]

    async def test_a_user_is_deleted_wholly_or_not_at_all(
        self, adapter: Any, store: rows.RawReader
    ) -> None:
        await rows.assert_nothing_half_deleted(adapter, store, rows.OBSTACLES[self.kind])

    async def test_taken_values_are_named(self, adapter: Any) -> None:
        await rows.assert_taken_values_are_named(adapter)

    async def test_rows_of_unknown_users_are_refused(self, adapter: Any) -> None:
        await rows.assert_unknown_users_are_refused(adapter)

    async def test_check_schema_names_what_is_missing(
        self, adapter: Any, fetch: rows.Fetch
    ) -> None:
        await rows.assert_check_schema_names_what_is_missing(adapter, fetch)

    async def test_each_method_takes_as_many_statements_as_the_docs_say(
        self, adapter: Any, statements: list[str]
    ) -> None:
        wanted = rows.WITHOUT_RETURNING if self.kind == "mysql" else rows.STATEMENTS
        assert await rows.counted(adapter, statements) == wanted

    async def test_rows_are_shared_with_sqlalchemy(
        self, adapter: Any, fetch: rows.Fetch, url: str
    ) -> None:
        await rows.assert_shared_with_sqlalchemy(adapter, url, fetch)

    @pytest.fixture
    def statements(self, database: Any) -> list[str]:
        seen: list[str] = []
        database.query_hooks.append(lambda event: seen.append(event.sql))
        return seen


class WithSQLite(Own):
    kind = "sqlite"

    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite+aiosqlite:///{tmp_path / 'auth.db'}"


class WithPostgres(Own):
    kind = "postgresql"

    @pytest.fixture
    def url(self, postgres: Server) -> str:
        return postgres.url("postgresql+asyncpg")


class WithMariaDB(Own):
    kind = "mysql"

    @pytest.fixture
    def url(self, mariadb: Server) -> str:
        return mariadb.url("mysql+asyncmy")


class TestPeeweeOnSQLite(WithSQLite, OnSQLite): ...


class TestPeeweeOnPostgres(WithPostgres, OnPostgres): ...


class TestPeeweeOnMariaDB(WithMariaDB, OnMariaDB):
    async def test_trailing_blanks_make_another_key(self, adapter: Any) -> None:
        """MariaDB itself takes no account of them."""
        given = rows.samples()
        await adapter.create_user(given.user)
        await adapter.create_session(given.session)
        await adapter.create_verification_token(given.token)
        assert await adapter.use_verification_token(f"{given.token.token} ", None) is None
        assert await adapter.delete_session(f"{given.session.session_token} ") is None
        await adapter.delete_user(f"{given.user.id} ")
        assert await adapter.get_session_and_user(given.session.session_token) is not None

    async def test_a_collation_that_takes_e_for_e_with_an_accent_is_named(
        self, adapter: Any, fetch: rows.Fetch
    ) -> None:
        fetch("ALTER TABLE users MODIFY email VARCHAR(320) COLLATE utf8mb4_general_ci", ())
        (lack,) = await adapter.check_schema()
        assert lack.startswith("the column users.email has the collation utf8mb4_general_ci")


class TestPeeweeAsyncOnSQLite(WithSQLite, AsyncOnSQLite): ...


class TestPeeweeAsyncOnPostgres(WithPostgres, AsyncOnPostgres):
    async def test_cancelled_calls_give_their_connections_back(self, adapter: Any) -> None:
        """More of them than there are connections."""
        # asyncpg drops a connection in mid-query and tells the event loop about it.
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        for pause in range(40):
            task = asyncio.create_task(adapter.get_user("1"))
            await asyncio.sleep(pause / 20_000)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        with anyio.fail_after(20):
            assert await adapter.get_user("1") is None


# --- connections ----------------------------------------------------------------------------------


def drive(coro: Any) -> Any:
    """Send once; a coroutine that suspends fails the test."""
    with pytest.raises(StopIteration) as done:
        coro.send(None)
    return done.value.value


@pytest.fixture
def file(tmp_path: Path) -> Any:
    return SqliteDatabase(str(tmp_path / "auth.db"), pragmas=PRAGMAS)


def test_a_connection_is_closed_by_whoever_opened_it(file: Any) -> None:
    adapter = PeeweeAdapter(file)
    drive(adapter.create_schema())
    assert file.is_closed()
    with file.connection_context():
        drive(adapter.get_user("1"))
        assert not file.is_closed()


def test_a_transaction_of_the_app_takes_the_rows_in(file: Any) -> None:
    adapter = PeeweeAdapter(file)
    drive(adapter.create_schema())
    with pytest.raises(KeyError), file.connection_context(), file.atomic():  # noqa: PT012  # the transaction is the point
        drive(adapter.create_user(User(id="1")))
        assert drive(adapter.get_user("1")) == User(id="1")
        raise KeyError
    assert drive(adapter.get_user("1")) is None


def test_a_database_in_memory_stays_while_its_thread_does() -> None:
    database = SqliteDatabase(":memory:")
    adapter = PeeweeAdapter(database)
    drive(adapter.create_schema())
    assert drive(adapter.check_schema()) == []
    database.close()


def test_a_proxy_may_get_its_database_later(file: Any) -> None:
    proxy = Proxy()
    adapter = PeeweeAdapter(proxy)
    with pytest.raises(RuntimeError, match="initialize"):
        _ = adapter.io
    proxy.initialize(file)
    drive(adapter.create_schema())
    assert drive(adapter.check_schema()) == []


def test_something_else_than_a_database_is_refused() -> None:
    with pytest.raises(TypeError, match="expected a database of Peewee, not str"):
        PeeweeAdapter("sqlite://")


def test_io_tells_which_database_is_inside(file: Any) -> None:
    assert PeeweeAdapter(file).io == "blocking"
    assert PeeweeAdapter(AsyncSqliteDatabase("unused.db")).io == "async"
    assert PeeweeAdapter(file).shared_with_authjs is False


def test_the_values_stay_out_of_the_log(file: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    adapter = PeeweeAdapter(file)
    drive(adapter.create_schema())
    drive(adapter.create_user(User(id="secret-id")))
    assert "INSERT" in caplog.text
    assert "secret-id" not in caplog.text


# --- models of one's own --------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "guest"
    tags: list[str] = field(default_factory=list)
    score: Decimal = Decimal("0.50")
    born: date | None = None


class Tags(TextField):
    def db_value(self, value: list[str]) -> str:
        return ",".join(value)

    def python_value(self, value: str) -> list[str]:
        return value.split(",") if value else []


class Person(AbstractUser):
    role = CharField()
    tags = Tags()
    score = DecimalField(6, 2)
    born = DateField(null=True)
    notes = CharField(null=True)

    class Meta:
        table_name = "people"


OWN = Models.for_user(Person)


class TestOwnFields:
    pytestmark = pytest.mark.anyio

    async def assert_kept(self, adapter: Any, fetch: rows.Fetch) -> None:
        try:
            rows.dropped(fetch, *rows.TABLES, "people")
            await adapter.create_schema()
            assert await adapter.check_schema() == []
            born = date(1815, 12, 10)
            user = Member(id="1", tags=["a", "ü"], born=born, email_verified=rows.LATER)
            await rows.assert_own_fields_are_kept(adapter, user, {"role": "owner"})
        finally:
            rows.dropped(fetch, *rows.TABLES, "people")

    async def test_they_are_stored_and_read_in_sqlite(self, file: Any, tmp_path: Path) -> None:
        adapter = PeeweeAdapter(file, models=OWN, user=Member)
        await self.assert_kept(adapter, rows.sqlite_fetch(tmp_path / "auth.db"))

    async def test_they_are_stored_and_read_in_postgresql(self, postgres: Server) -> None:
        database = PostgresqlDatabase(postgres.database, **options(postgres))
        adapter = PeeweeAdapter(database, models=OWN, user=Member)
        await self.assert_kept(adapter, rows.postgres_fetch(postgres))

    async def test_they_are_stored_and_read_in_mariadb(self, mariadb: Server) -> None:
        database = MySQLDatabase(mariadb.database, **options(mariadb))
        adapter = PeeweeAdapter(database, models=OWN, user=Member)
        await self.assert_kept(adapter, rows.mariadb_fetch(mariadb))

    def test_the_models_can_be_used_beside_the_adapter(self, file: Any) -> None:
        adapter = PeeweeAdapter(file, models=OWN, user=Member)
        drive(adapter.create_schema())
        with file.bind_ctx([OWN.user, OWN.account, OWN.session]), file.connection_context():
            person: Any = Person.create(
                id="2", role="x", tags=["t"], score=7, email_verified=rows.LATER, notes="theirs"
            )
            OWN.account.create(
                user=person, type="oidc", provider="p", provider_account_id="1", extra={"n": 1}
            )
            assert [account.extra for account in person.accounts] == [{"n": 1}]
            assert Person.get_by_id("2").email_verified == rows.LATER
            found = drive(adapter.get_user_by_account("p", "1"))
        assert found == Member(
            id="2", role="x", tags=["t"], score=Decimal(7), email_verified=rows.LATER
        )


def test_a_field_without_a_column_is_refused(file: Any) -> None:
    adapter = PeeweeAdapter(file, user=Member)
    with pytest.raises(TypeError, match=r"no column for Member\.role.*for_user"):
        adapter.get_user("1").send(None)


def test_a_missing_peewee_names_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        rows.not_installed(monkeypatch, "authwire.adapters.peewee", "peewee"),
        pytest.raises(ImportError, match=r"pip install 'authwire\[peewee\]'"),
    ):
        __import__("authwire.adapters.peewee")
