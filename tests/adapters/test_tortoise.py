from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import aiosqlite
import asyncpg  # type: ignore[import-untyped]  # it has no types
import pytest
from tests.adapters import rows
from tests.servers import Server
from tortoise import Tortoise, fields
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.transactions import in_transaction

from authwire.adapters.tortoise import AbstractUser, Models, TortoiseAdapter
from authwire.errors import AdapterError
from authwire.models import User
from authwire.testing.adapter_contract import AdapterContract

MODULES: dict[str, Any] = {"authwire": ["authwire.adapters.tortoise.models"]}


class OnSQLite:
    @pytest.fixture
    async def adapter(self, tmp_path: Path) -> AsyncIterator[Any]:
        await Tortoise.init(db_url=f"sqlite://{tmp_path / 'auth.db'}", modules=MODULES)
        adapter = TortoiseAdapter()
        await adapter.create_schema()
        yield adapter
        await Tortoise.close_connections()

    @pytest.fixture
    def fetch(self, tmp_path: Path) -> rows.Fetch:
        return rows.sqlite_fetch(tmp_path / "auth.db")

    @pytest.fixture
    def store(self, fetch: rows.Fetch) -> rows.RawReader:
        return rows.RawReader(fetch)


class OnPostgres:
    @pytest.fixture
    async def adapter(self, postgres: Server, fetch: rows.Fetch) -> AsyncIterator[Any]:
        rows.dropped(fetch)
        await Tortoise.init(db_url=postgres.url("asyncpg"), modules=MODULES)
        adapter = TortoiseAdapter()
        await adapter.create_schema()
        yield adapter
        await Tortoise.close_connections()

    @pytest.fixture
    def fetch(self, postgres: Server) -> rows.Fetch:
        return rows.postgres_fetch(postgres)

    @pytest.fixture
    def store(self, fetch: rows.Fetch) -> rows.RawReader:
        return rows.RawReader(fetch)


class TestTortoiseSQLite(OnSQLite, AdapterContract): ...


class TestTortoisePostgres(OnPostgres, AdapterContract): ...


class Own:
    """What holds on both databases beyond the contract."""

    pytestmark = pytest.mark.anyio
    obstacle: ClassVar[str]

    async def test_a_user_is_deleted_wholly_or_not_at_all(
        self, adapter: Any, store: rows.RawReader
    ) -> None:
        await rows.assert_nothing_half_deleted(adapter, store, self.obstacle)

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
        assert await rows.counted(adapter, statements) == rows.STATEMENTS

    async def test_a_transaction_of_the_app_takes_the_rows_in(
        self, adapter: Any, store: rows.RawReader
    ) -> None:
        given = rows.samples()
        with pytest.raises(KeyError):  # noqa: PT012  # the transaction is the point
            async with in_transaction():
                await adapter.create_user(given.user)
                assert await adapter.get_user(given.user.id) == given.user
                raise KeyError
        assert store.user(given.user.id) is None

    async def test_the_values_stay_out_of_the_log(
        self, adapter: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("DEBUG")
        await adapter.create_user(rows.samples("secret-id").user)
        await adapter.get_user("secret-id")
        assert "INSERT" in caplog.text
        assert "secret-id" not in caplog.text


class TestTortoiseOnSQLite(Own, OnSQLite):
    obstacle = rows.OBSTACLES["sqlite"]

    @pytest.fixture
    def statements(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        return rows.noted(monkeypatch, aiosqlite.Connection, "execute_fetchall")

    async def test_rows_are_shared_with_sqlalchemy(
        self, adapter: Any, fetch: rows.Fetch, tmp_path: Path
    ) -> None:
        url = f"sqlite+aiosqlite:///{tmp_path / 'auth.db'}"
        await rows.assert_shared_with_sqlalchemy(adapter, url, fetch)


class TestTortoiseOnPostgres(Own, OnPostgres):
    obstacle = rows.OBSTACLES["postgresql"]

    @pytest.fixture
    def statements(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        return rows.noted(monkeypatch, asyncpg.Connection, "_execute")

    async def test_rows_are_shared_with_sqlalchemy(
        self, adapter: Any, fetch: rows.Fetch, postgres: Server
    ) -> None:
        url = postgres.url("postgresql+asyncpg")
        await rows.assert_shared_with_sqlalchemy(adapter, url, fetch)

    async def test_a_refusal_inside_a_transaction_of_the_app_is_told_without_values(
        self, adapter: Any
    ) -> None:
        given = rows.samples("secret-id")
        await adapter.create_user(given.user)
        with pytest.raises(AdapterError, match=r"^a constraint refused the row") as caught:
            async with in_transaction():
                await adapter.create_user(given.user)
        assert "secret" not in str(caught.value)


# --- models of one's own --------------------------------------------------------------------------


class Role(StrEnum):
    OWNER = "owner"
    GUEST = "guest"


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: Role = Role.GUEST
    tags: list[str] = field(default_factory=list)
    score: Decimal = Decimal("0.50")
    born: date | None = None


class Person(AbstractUser):
    role = fields.CharEnumField(Role)
    tags: fields.Field[Any] = fields.JSONField()
    score = fields.DecimalField(max_digits=6, decimal_places=2)
    born = fields.DateField(null=True)
    notes = fields.CharField(max_length=9, null=True)

    class Meta:
        table = "people"


OWN = Models.for_user(Person)
PersonAccount, PersonSession, PersonToken, PersonAuthenticator = OWN.others
APP = ModuleType("app")
vars(APP).update({model.__name__: model for model in (Person, *OWN.others)})


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_fields_of_your_own_are_stored_and_read(
    kind: str, postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tortoise_app", APP)
    # Tortoise keeps statements by the name of the connection, whatever the database.
    EXECUTOR_CACHE.clear()
    fetch = rows.postgres_fetch(postgres)
    if kind == "sqlite":
        fetch = rows.sqlite_fetch(tmp_path / "auth.db")
    rows.dropped(fetch, *rows.TABLES, "people")
    url = postgres.url("asyncpg") if kind == "postgres" else f"sqlite://{tmp_path / 'auth.db'}"
    app: dict[str, Any] = {"models": ["tortoise_app"]}
    await Tortoise.init(db_url=url, modules=app)
    try:
        adapter = TortoiseAdapter(models=OWN, user=Member)
        await adapter.create_schema()
        assert await adapter.check_schema() == []
        await rows.assert_own_fields_are_kept(
            adapter, Member(id="1", tags=["a", "ü"], born=date(1815, 12, 10)), {"role": Role.OWNER}
        )
        person = await Person.create(
            id="2", role=Role.OWNER, tags=[], score=Decimal("7.25"), notes="theirs"
        )
        assert await adapter.get_user(person.id) == Member(
            id="2", role=Role.OWNER, score=Decimal("7.25")
        )
        assert (await Person.get(id="1")).role is Role.OWNER
    finally:
        await Tortoise.close_connections()
        rows.dropped(fetch, *rows.TABLES, "people")


@pytest.mark.anyio
async def test_a_field_without_a_column_is_refused(tmp_path: Path) -> None:
    await Tortoise.init(db_url=f"sqlite://{tmp_path / 'auth.db'}", modules=MODULES)
    try:
        with pytest.raises(TypeError, match=r"no column for Member\.role.*for_user"):
            await TortoiseAdapter(user=Member).get_user("1")
    finally:
        await Tortoise.close_connections()


def test_io_is_async_and_auth_js_has_no_such_tables() -> None:
    assert TortoiseAdapter().io == "async"
    assert TortoiseAdapter().shared_with_authjs is False


def test_a_missing_tortoise_names_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        rows.not_installed(monkeypatch, "authwire.adapters.tortoise", "tortoise"),
        pytest.raises(ImportError, match=r"pip install 'authwire\[tortoise\]'"),
    ):
        __import__("authwire.adapters.tortoise")
