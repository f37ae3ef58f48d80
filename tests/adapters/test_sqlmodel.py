from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlmodel
from psycopg.rows import dict_row
from sqlalchemy import Engine, create_engine, inspect
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import registry, sessionmaker
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import Field, SQLModel
from tests.adapters.sqlalchemy.rows import (
    POOL,
    TABLES,
    WAIT,
    RawReader,
    drive,
    memory_engine,
    read_file,
)
from tests.servers import Server

from authwire.adapters import sqlalchemy as plain
from authwire.adapters.sqlmodel import (
    AccountBase,
    AuthenticatorBase,
    Models,
    SessionBase,
    SQLModelAdapter,
    UserBase,
    VerificationTokenBase,
    default_models,
    models_for,
    owner,
)
from authwire.models import Account, AdapterSession, User
from authwire.testing._adapter_contract.base import LATER
from authwire.testing.adapter_contract import AdapterContract


class TestSQLModelAsyncSQLite(AdapterContract):
    @pytest.fixture
    async def adapter(self, tmp_path: Path) -> AsyncIterator[SQLModelAdapter]:
        url = f"sqlite+aiosqlite:///{tmp_path / 'auth.db'}"
        engine = create_async_engine(url, connect_args={"timeout": WAIT})
        adapter = SQLModelAdapter(engine)
        await adapter.create_schema()
        yield adapter
        await engine.dispose()

    @pytest.fixture
    def store(self, tmp_path: Path) -> RawReader:
        return RawReader(read_file(tmp_path / "auth.db"))


# --- PostgreSQL, through SQLModel's own session ---------------------------------------------------


@pytest.fixture(scope="module")
def postgres_engine(postgres: Server) -> Iterator[Engine]:
    engine = sqlmodel.create_engine(postgres.url("postgresql+psycopg"), **POOL)
    metadata = default_models().user.metadata
    metadata.create_all(engine)
    yield engine
    metadata.drop_all(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def raw(postgres: Server) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(
        postgres.url("postgresql"), autocommit=True, row_factory=dict_row
    ) as found:
        yield found


class TestSQLModelSyncPostgres(AdapterContract):
    callers = "threads"

    @pytest.fixture
    def adapter(
        self, postgres_engine: Engine, raw: psycopg.Connection[Any]
    ) -> SQLModelAdapter[User]:
        raw.execute("; ".join(f"DELETE FROM {table}" for table in TABLES))
        return SQLModelAdapter(sessionmaker(postgres_engine, class_=sqlmodel.Session))

    @pytest.fixture
    def store(self, raw: psycopg.Connection[Any]) -> RawReader:
        def fetch(sql: str, params: Sequence[str]) -> list[dict[str, Any]]:
            return list(raw.execute(sql.encode(), params))

        return RawReader(fetch, lambda _: "%s")


# --- classes --------------------------------------------------------------------------------------


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = memory_engine()
    yield engine
    engine.dispose()


def ddl(models: Models, dialect: Any) -> dict[str, Any]:
    """What creates each table, whatever the order of its columns, and its indexes."""
    found: dict[str, Any] = {}
    for name in ("user", "account", "session", "verification_token", "authenticator"):
        table = getattr(models, name).__table__
        text = str(CreateTable(table).compile(dialect=dialect))
        found[name] = sorted(line.strip().rstrip(",") for line in text.splitlines())
        found[name] += sorted(str(CreateIndex(index)) for index in table.indexes)
    return found


@pytest.mark.parametrize("dialect", [postgresql.dialect, mysql.dialect], ids=["pg", "mysql"])
def test_the_tables_are_those_of_the_sqlalchemy_adapter(dialect: Any) -> None:
    made = ddl(default_models(), dialect())
    expected = ddl(plain.default_models(), dialect())
    assert {table: sorted(lines) for table, lines in made.items()} == {
        table: sorted(lines) for table, lines in expected.items()
    }


def test_default_tables_stay_out_of_the_metadata_of_the_app() -> None:
    ours = set(default_models().user.metadata.tables.values())
    assert len(ours) == 5
    assert not ours & set(SQLModel.metadata.tables.values())


class Base(SQLModel, registry=registry()):
    """The metadata of an app. A test must leave SQLModel's own alone."""


class Person(UserBase, Base, table=True):
    __tablename__ = "people"
    role: str = "member"
    notes: str = Field(default="-", max_length=80)


MODELS = models_for(Person)


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


def test_columns_of_your_own_hold_the_fields_of_your_user(engine: Engine) -> None:
    adapter = SQLModelAdapter(engine, models=MODELS, user=Member)
    drive(adapter.create_schema())
    assert drive(adapter.check_schema()) == []
    created = drive(adapter.create_user(Member(role="admin", email="a@example.com")))
    assert created.role == "admin"
    assert drive(adapter.get_user(created.id)) == created
    chief = drive(adapter.update_user(created.id, {"role": "owner"}))
    assert chief == replace(created, role="owner")
    with sqlmodel.Session(engine) as session:
        (row,) = session.exec(sqlmodel.select(Person)).all()
        assert (row.id, row.role, row.notes) == (created.id, "owner", "-")
        session.add(Person(email="b@example.com"))
        session.commit()
    other = drive(adapter.get_user_by_email("b@example.com"))
    assert (len(other.id), other.role) == (36, "member")


def test_the_other_tables_join_the_metadata_of_the_user(engine: Engine) -> None:
    assert sorted(Base.metadata.tables) == [
        "accounts",
        "authenticators",
        "people",
        "sessions",
        "verification_tokens",
    ]
    for model in (MODELS.account, MODELS.session, MODELS.authenticator):
        (reference,) = model.__table__.foreign_keys
        assert (reference.column.table.name, reference.ondelete) == ("people", "CASCADE")


def test_every_table_may_be_a_class_of_the_app(engine: Engine) -> None:
    class Root(SQLModel, registry=registry()):
        pass

    class Customer(UserBase, Root, table=True):
        __tablename__ = "customers"

    class Link(AccountBase, Root, table=True):
        user_id: str = owner("customers.id")
        note: str | None = None

    class Visit(SessionBase, Root, table=True):
        user_id: str = owner("customers.id")

    class MagicLink(VerificationTokenBase, Root, table=True):
        pass

    class Key(AuthenticatorBase, Root, table=True):
        user_id: str = owner("customers.id")

    models = Models(
        user=Customer, account=Link, session=Visit, verification_token=MagicLink, authenticator=Key
    )
    adapter = SQLModelAdapter(engine, models=models)
    drive(adapter.create_schema())
    assert drive(adapter.check_schema()) == []
    names = ["customers", "key", "link", "magiclink", "visit"]
    assert sorted(inspect(engine).get_table_names()) == names
    user = drive(adapter.create_user(User()))
    account = Account(user_id=user.id, type="oidc", provider="p", provider_account_id="1")
    session = AdapterSession(session_token="s", user_id=user.id, expires=LATER)
    drive(adapter.link_account(account))
    drive(adapter.create_session(session))
    assert drive(adapter.get_user_by_account("p", "1")) == user
    assert drive(adapter.get_session_and_user("s")) == (session, user)


def test_tables_may_be_in_a_schema() -> None:
    class Root(SQLModel, registry=registry()):
        pass

    class Customer(UserBase, Root, table=True):
        __tablename__ = "users"
        __table_args__ = {"schema": "auth"}  # noqa: RUF012  # SQLAlchemy's own attribute

    models = models_for(Customer)
    (reference,) = models.account.__table__.foreign_keys
    assert models.account.__table__.fullname == "auth.accounts"
    assert reference.target_fullname == "auth.users.id"


def test_a_row_does_not_show_its_tokens() -> None:
    models = default_models()
    account = models.account(
        user_id="1",
        type="oidc",
        provider="p",
        provider_account_id="1",
        access_token="hush",
        refresh_token="hush",
        id_token="hush",
        session_state="hush",
        extra={"x": "hush"},
    )
    session = models.session(session_token="hush", user_id="1", expires=LATER)
    token = models.verification_token(identifier="a", token="hush", expires=LATER)
    assert "hush" not in f"{account!r} {session!r} {token!r} {account} {session} {token}"


def test_io_tells_which_engine_is_inside(engine: Engine) -> None:
    assert SQLModelAdapter(engine).io == "blocking"
    assert SQLModelAdapter(create_async_engine("sqlite+aiosqlite://")).io == "async"
    assert SQLModelAdapter(create_engine("sqlite://")).shared_with_authjs is False


def test_a_field_without_a_column_is_refused_at_once(engine: Engine) -> None:
    with pytest.raises(TypeError, match=r"no column for Member\.role"):
        SQLModelAdapter(engine, user=Member)


def test_a_missing_sqlmodel_names_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "authwire.adapters.sqlmodel")
    monkeypatch.setitem(sys.modules, "sqlmodel", None)
    with pytest.raises(ImportError, match=r"pip install 'authwire\[sqlmodel\]'"):
        __import__("authwire.adapters.sqlmodel")
