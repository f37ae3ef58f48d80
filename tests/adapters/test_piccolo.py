from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import new_class
from typing import Any, ClassVar, Literal

import aiosqlite
import asyncpg  # type: ignore[import-untyped]  # it has no types
import pytest
from piccolo import columns
from piccolo.engine.postgres import PostgresEngine
from piccolo.engine.sqlite import SQLiteEngine
from piccolo.table import Table
from tests.adapters import rows
from tests.servers import Server

from authwire.adapters.piccolo import Models, PiccoloAdapter, UserMixin
from authwire.models import User
from authwire.testing.adapter_contract import AdapterContract, call

ROOT = Path(__file__).resolve().parents[2]

Callers = Literal["tasks", "threads"] | None


def postgres_config(server: Server) -> dict[str, Any]:
    return {
        "host": server.host,
        "port": server.port,
        "user": server.user,
        "password": server.password or None,
        "database": server.database,
    }


class OnSQLite:
    @pytest.fixture
    async def engine(self, tmp_path: Path) -> SQLiteEngine:
        return SQLiteEngine(str(tmp_path / "auth.db"), timeout=rows.WAIT)

    @pytest.fixture
    async def adapter(self, engine: SQLiteEngine) -> Any:
        adapter = PiccoloAdapter(engine)
        await adapter.create_schema()
        return adapter

    @pytest.fixture
    def fetch(self, tmp_path: Path) -> rows.Fetch:
        return rows.sqlite_fetch(tmp_path / "auth.db")

    @pytest.fixture
    def store(self, fetch: rows.Fetch) -> rows.RawReader:
        return rows.RawReader(fetch)


class OnPostgres:
    @pytest.fixture
    async def engine(self, postgres: Server) -> AsyncIterator[PostgresEngine]:
        engine = PostgresEngine(postgres_config(postgres), extensions=())
        await engine.start_connection_pool(min_size=1, max_size=8)
        yield engine
        await engine.close_connection_pool()

    @pytest.fixture
    async def adapter(self, engine: PostgresEngine, fetch: rows.Fetch) -> Any:
        rows.dropped(fetch)
        adapter = PiccoloAdapter(engine)
        await adapter.create_schema()
        return adapter

    @pytest.fixture
    def fetch(self, postgres: Server) -> rows.Fetch:
        return rows.postgres_fetch(postgres)

    @pytest.fixture
    def store(self, fetch: rows.Fetch) -> rows.RawReader:
        return rows.RawReader(fetch)


class Blocking(OnSQLite):
    callers: ClassVar[Callers] = "threads"

    @pytest.fixture
    async def adapter(self, engine: SQLiteEngine) -> Any:
        adapter = PiccoloAdapter(engine, blocking=True)
        await call(adapter.create_schema)
        return adapter


class BlockingOnPostgres(OnPostgres):
    callers: ClassVar[Callers] = "threads"

    @pytest.fixture
    async def engine(self, postgres: Server) -> Any:
        return PostgresEngine(postgres_config(postgres), extensions=())

    @pytest.fixture
    async def adapter(self, engine: PostgresEngine, fetch: rows.Fetch) -> Any:
        rows.dropped(fetch)
        adapter = PiccoloAdapter(engine, blocking=True)
        await call(adapter.create_schema)
        return adapter


class TestPiccoloSQLite(OnSQLite, AdapterContract): ...


class TestPiccoloPostgres(OnPostgres, AdapterContract): ...


class TestPiccoloBlocking(Blocking, AdapterContract): ...


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


class WithSQLite(Own):
    kind = "sqlite"

    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite+aiosqlite:///{tmp_path / 'auth.db'}"

    @pytest.fixture
    def statements(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        return rows.noted(monkeypatch, aiosqlite.Connection, "execute")


class WithPostgres(Own):
    kind = "postgresql"

    @pytest.fixture
    def url(self, postgres: Server) -> str:
        return postgres.url("postgresql+asyncpg")

    @pytest.fixture
    def statements(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        return rows.noted(monkeypatch, asyncpg.Connection, "_execute")


class InATransactionOfTheApp:
    pytestmark = pytest.mark.anyio

    async def test_a_transaction_of_the_app_takes_the_rows_in(
        self, adapter: Any, engine: Any, store: rows.RawReader
    ) -> None:
        given = rows.samples()
        with pytest.raises(KeyError):  # noqa: PT012  # the transaction is the point
            async with engine.transaction():
                await adapter.create_user(given.user)
                assert await adapter.get_user(given.user.id) == given.user
                raise KeyError
        assert store.user(given.user.id) is None


class TestPiccoloOnSQLite(WithSQLite, InATransactionOfTheApp, OnSQLite): ...


class TestPiccoloOnPostgres(WithPostgres, InATransactionOfTheApp, OnPostgres): ...


class TestPiccoloBlockingOnSQLite(WithSQLite, Blocking): ...


class TestPiccoloBlockingOnPostgres(WithPostgres, BlockingOnPostgres): ...


# --- tables of one's own --------------------------------------------------------------------------


class Role(StrEnum):
    OWNER = "owner"
    GUEST = "guest"


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: Role = Role.GUEST
    tags: list[str] = field(default_factory=list)
    score: Decimal = Decimal("0.50")
    born: date | None = None


class Person(UserMixin, Table, tablename="people"):
    role = columns.Varchar(choices=Role)
    tags = columns.JSON()
    score = columns.Numeric(digits=(6, 2))
    born = columns.Date(null=True, default=None)
    notes = columns.Varchar(null=True)


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_fields_of_your_own_are_stored_and_read(
    kind: str, postgres: Server, tmp_path: Path
) -> None:
    fetch = rows.postgres_fetch(postgres)
    engine: Any = PostgresEngine(postgres_config(postgres), extensions=())
    if kind == "sqlite":
        fetch = rows.sqlite_fetch(tmp_path / "auth.db")
        engine = SQLiteEngine(str(tmp_path / "auth.db"))
    rows.dropped(fetch, *rows.TABLES, "people")
    person: Any = new_class("Person", (Person,), {"tablename": "people", "db": engine})
    try:
        adapter = PiccoloAdapter(models=Models.for_user(person), user=Member)
        await adapter.create_schema()
        assert await adapter.check_schema() == []
        await rows.assert_own_fields_are_kept(
            adapter, Member(id="1", tags=["a", "ü"], born=date(1815, 12, 10)), {"role": Role.OWNER}
        )
        theirs = person(id="2", role=Role.OWNER, tags="[]", score=Decimal("7.25"), notes="theirs")
        await theirs.save()
        assert await adapter.get_user("2") == Member(id="2", role=Role.OWNER, score=Decimal("7.25"))
        found = await person.objects().get(person.id == "1")
        assert found is not None
        assert found.role == "owner"
    finally:
        rows.dropped(fetch, *rows.TABLES, "people")


@pytest.mark.anyio
async def test_a_field_without_a_column_is_refused(tmp_path: Path) -> None:
    adapter = PiccoloAdapter(SQLiteEngine(str(tmp_path / "auth.db")), user=Member)
    with pytest.raises(TypeError, match=r"no column for Member\.role.*for_user"):
        await adapter.get_user("1")


# --- piccolo_conf ---------------------------------------------------------------------------------

CONF = """
from piccolo.conf.apps import AppRegistry
from piccolo.engine.sqlite import SQLiteEngine

DB = SQLiteEngine("app.db")
APP_REGISTRY = AppRegistry(apps=["authwire.adapters.piccolo.piccolo_app"])
"""
PROGRAM = """
import asyncio
from authwire.adapters.piccolo import PiccoloAdapter
from authwire.models import User

async def main():
    adapter = PiccoloAdapter()
    print(await adapter.check_schema())
    print(await adapter.create_user(User(id="1", name="Ann")))

asyncio.run(main())
"""


def ran(where: Path, *arguments: str) -> str:
    paths = os.pathsep.join([str(where), str(ROOT / "src")])
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=where,
        env={**os.environ, "PYTHONPATH": paths, "PICCOLO_CONF": "piccolo_conf"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_migrations_make_and_drop_the_tables_of_an_app(tmp_path: Path) -> None:
    (tmp_path / "piccolo_conf.py").write_text(CONF)
    fetch = rows.sqlite_fetch(tmp_path / "app.db")
    piccolo = ("-m", "piccolo.main", "migrations")
    ran(tmp_path, *piccolo, "forwards", "authwire")
    assert ran(tmp_path, "-c", PROGRAM).startswith("[]\nUser(id='1', name='Ann'")
    assert fetch("SELECT name FROM users", ()) == [{"name": "Ann"}]
    ran(tmp_path, *piccolo, "backwards", "authwire", "all", "--auto_agree")
    left = {row["name"] for row in fetch("SELECT name FROM sqlite_master", ())}
    assert not left & set(rows.TABLES)
    assert "migration" in left


def test_io_is_said_and_auth_js_has_no_such_tables() -> None:
    engine = SQLiteEngine("unused.db")
    assert PiccoloAdapter(engine).io == "async"
    assert PiccoloAdapter(engine, blocking=True).io == "blocking"
    assert PiccoloAdapter(engine).shared_with_authjs is False


def test_a_missing_piccolo_names_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        rows.not_installed(monkeypatch, "authwire.adapters.piccolo", "piccolo"),
        pytest.raises(ImportError, match=r"pip install 'authwire\[piccolo\]'"),
    ):
        __import__("authwire.adapters.piccolo")
