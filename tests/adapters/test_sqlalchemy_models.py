"""The tables of Auth.js' adapters, as SQLAlchemy makes them and as the adapter uses them."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, get_args

import psycopg
import pytest
from psycopg.rows import dict_row
from sqlalchemy import Dialect, Engine, create_engine, event, text
from sqlalchemy.dialects import mysql, oracle, postgresql, sqlite
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import CreateTable
from tests.servers import Server

from authwire.adapters.sqlalchemy import (
    AccountMixin,
    AuthenticatorMixin,
    Models,
    Naming,
    SessionMixin,
    SQLAlchemyAdapter,
    UserMixin,
    VerificationTokenMixin,
    default_models,
)
from authwire.adapters.sqlalchemy.columns import column_name, is_ours
from authwire.adapters.sqlalchemy.types import INT32_MAX, NumberedId
from authwire.errors import AdapterError
from authwire.models import Account, AdapterSession, Authenticator, User, VerificationToken
from authwire.runtime import drive
from authwire.testing._adapter_contract import accounts as account_contract
from authwire.testing._adapter_contract import users as user_contract
from authwire.testing._adapter_contract.base import LATER, call, new_account
from authwire.testing.adapter_contract import AdapterContract, StoreReader

Row = dict[str, Any]
Fetch = Callable[[str, Sequence[str]], list[Row]]
SHARED: tuple[Naming, ...] = ("drizzle", "pg", "prisma")
TABLES: dict[str, dict[type, str]] = {
    "snake": {
        User: "users",
        Account: "accounts",
        AdapterSession: "sessions",
        VerificationToken: "verification_tokens",
        Authenticator: "authenticators",
    },
    "drizzle": {
        User: "user",
        Account: "account",
        AdapterSession: "session",
        VerificationToken: "verificationToken",
        Authenticator: "authenticator",
    },
    "pg": {
        User: "users",
        Account: "accounts",
        AdapterSession: "sessions",
        VerificationToken: "verification_token",
        Authenticator: "authenticators",
    },
    "prisma": {
        User: "User",
        Account: "Account",
        AdapterSession: "Session",
        VerificationToken: "VerificationToken",
        Authenticator: "Authenticator",
    },
}


# --- the contract, for each naming ----------------------------------------------------------------


class Rows:
    """Reads the tables with SQL of its own."""

    def __init__(self, fetch: Fetch, naming: Naming) -> None:
        self.fetch = fetch
        self.naming = naming

    def one(self, kind: type[Any], **key: str) -> Any:
        columns = {item.name: column_name(self.naming, kind, item.name) for item in fields(kind)}
        # Only columns of our own have another type than text.
        where = " AND ".join(f'CAST("{columns[name]}" AS TEXT) = ?' for name in key)
        table = TABLES[self.naming][kind]
        rows = self.fetch(f'SELECT * FROM "{table}" WHERE {where}', list(key.values()))
        assert len(rows) <= 1
        if not rows:
            return None
        (row,) = rows
        return kind(
            **{name: _value(name, row[column]) for name, column in columns.items() if column in row}
        )

    def user(self, user_id: str) -> User | None:
        return self.one(User, id=user_id)  # type: ignore[no-any-return]  # what `one` is asked for

    def account(self, provider: str, provider_account_id: str) -> Account | None:
        return self.one(  # type: ignore[no-any-return]  # as above
            Account, provider=provider, provider_account_id=provider_account_id
        )

    def session(self, session_token: str) -> AdapterSession | None:
        return self.one(  # type: ignore[no-any-return]  # as above
            AdapterSession, session_token=session_token
        )

    def verification_token(self, identifier: str, token: str) -> VerificationToken | None:
        return self.one(  # type: ignore[no-any-return]  # as above
            VerificationToken, identifier=identifier, token=token
        )

    def authenticator(self, credential_id: str) -> Authenticator | None:
        return self.one(  # type: ignore[no-any-return]  # as above
            Authenticator, credential_id=credential_id
        )


def _value(name: str, raw: Any) -> Any:
    match name, raw:
        case (("id" | "user_id"), int()):
            return str(raw)
        case (("expires" | "email_verified"), int()):
            return datetime.fromtimestamp(raw // 1000, UTC) + timedelta(milliseconds=raw % 1000)
        case (("expires" | "email_verified"), str()):
            return datetime.fromisoformat(raw).replace(tzinfo=UTC)
        case (("expires" | "email_verified"), datetime(tzinfo=None)):
            return raw.replace(tzinfo=UTC)
        case "credential_backed_up", _:
            return {0: False, 1: True}[raw]
    return raw


@dataclass(frozen=True)
class Place:
    """A schema of its own in the database of the tests."""

    server: Server
    schema: str

    def fetch(self, sql: str, params: Sequence[str]) -> list[Row]:
        with self.connect() as connection:
            return connection.execute(sql.replace("?", "%s"), params).fetchall()

    def connect(self) -> psycopg.Connection[Row]:
        options = f"-csearch_path={self.schema}"
        return psycopg.connect(
            self.server.url("postgresql"), options=options, autocommit=True, row_factory=dict_row
        )


@pytest.fixture
def place(postgres: Server) -> Iterator[Place]:
    schema = f"s{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres.url("postgresql"), autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        yield Place(postgres, schema)
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


class OnPostgres(AdapterContract):
    """With asyncpg."""

    naming: ClassVar[Naming]
    keeps_extra = False
    keeps_names = False

    @pytest.fixture
    async def adapter(self, place: Place) -> AsyncIterator[SQLAlchemyAdapter]:
        engine = create_async_engine(
            place.server.url("postgresql+asyncpg"),
            connect_args={"server_settings": {"search_path": place.schema}},
        )
        adapter = SQLAlchemyAdapter(engine, naming=self.naming)
        await adapter.create_schema()
        yield adapter
        await engine.dispose()

    @pytest.fixture
    def store(self, place: Place) -> StoreReader:
        return Rows(place.fetch, self.naming)


class OnPostgresInThreads(OnPostgres):
    """With psycopg."""

    callers = "threads"

    @pytest.fixture
    def adapter(self, place: Place) -> Iterator[SQLAlchemyAdapter]:
        engine = psycopg_engine(place)
        adapter = SQLAlchemyAdapter(engine, naming=self.naming)
        drive(adapter.create_schema())
        yield adapter
        engine.dispose()


def psycopg_engine(place: Place) -> Engine:
    return create_engine(
        place.server.url("postgresql+psycopg"),
        connect_args={"options": f"-csearch_path={place.schema}"},
    )


class OnSQLite(AdapterContract):
    naming: ClassVar[Naming]
    callers = "threads"
    keeps_extra = False
    keeps_names = False

    @pytest.fixture
    def engine(self, tmp_path: Path) -> Iterator[Engine]:
        engine = file_engine(tmp_path / "auth.db")
        yield engine
        engine.dispose()

    @pytest.fixture
    def adapter(self, engine: Engine) -> SQLAlchemyAdapter:
        adapter = SQLAlchemyAdapter(engine, naming=self.naming)
        drive(adapter.create_schema())
        return adapter

    @pytest.fixture
    def store(self, tmp_path: Path) -> StoreReader:
        return Rows(read_file(tmp_path / "auth.db"), self.naming)


def file_engine(path: Path) -> Engine:
    """With the references that SQLite forgets about unless it is told."""
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 60})
    event.listen(engine, "connect", lambda dbapi, _: dbapi.execute("PRAGMA foreign_keys=ON"))
    return engine


def read_file(path: Path) -> Fetch:
    def fetch(sql: str, params: Sequence[str]) -> list[Row]:
        with closing(sqlite3.connect(path, timeout=60)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, params)]

    return fetch


class InThirtyTwoBits(AdapterContract):
    """The contract with numbers that fit into ``integer``; the others have a test of their own."""

    @pytest.fixture(autouse=True)
    def numbers_that_fit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def account(user: User, **changes: Any) -> Account:
            return new_account(user, **{"expires_at": 2_000_000_000} | changes)

        for module in (account_contract, user_contract):
            monkeypatch.setattr(module, "new_account", account)

    async def stored_authenticator(
        self, adapter: Any, user: User, credential_id: str, **changes: Any
    ) -> Authenticator:
        if "counter" in changes:
            changes["counter"] = min(changes["counter"], INT32_MAX)
        return await super().stored_authenticator(adapter, user, credential_id, **changes)

    async def test_update_account_overwrites_the_tokens_but_not_the_owner(
        self, adapter: Any, store: StoreReader
    ) -> None:
        user, other = await self.stored_user(adapter), await self.stored_user(adapter)
        account = await call(adapter.link_account, new_account(user, expires_at=1))
        newer = replace(
            account, access_token="access-2", refresh_token=None, expires_at=2
        )  # no secret
        key = (account.provider, account.provider_account_id)
        assert await call(adapter.update_account, replace(newer, user_id=other.id)) == newer
        assert await call(store.account, *key) == newer
        assert await call(adapter.get_user_by_account, *key) == user

    async def test_what_is_too_much_for_the_column_becomes_the_most_it_holds(
        self, adapter: Any, store: StoreReader
    ) -> None:
        user = await self.stored_user(adapter)
        account = await call(adapter.link_account, new_account(user, expires_at=INT32_MAX + 1))
        key = (account.provider, account.provider_account_id)
        stored = await call(store.account, *key)
        assert stored == replace(account, expires_at=INT32_MAX)
        await self.stored_authenticator(adapter, user, "AQID")
        counted = await call(adapter.update_authenticator_counter, "AQID", 2**32 - 1)
        assert counted.counter == INT32_MAX


class EveryoneHasAnEmail(AdapterContract):
    """Prisma's schema for PostgreSQL has no user without one."""

    def new_user(self, **changes: Any) -> User:
        if changes.get("email", "") is None:
            del changes["email"]
        return super().new_user(**changes)

    async def test_users_without_an_email_may_be_many(
        self, adapter: Any, store: StoreReader
    ) -> None:
        nobody = User(id="no-email")
        with pytest.raises(AdapterError, match="refused the row"):
            await call(adapter.create_user, nobody)
        assert await call(store.user, "no-email") is None

    async def test_update_user_gives_and_takes_an_email(self, adapter: Any) -> None:
        user = await self.stored_user(adapter)
        given = await call(adapter.update_user, user.id, {"email": "a@example.com"})
        with pytest.raises(AdapterError, match="refused the row"):
            await call(adapter.update_user, user.id, {"email": None})
        assert await call(adapter.get_user_by_email, "a@example.com") == given


class TestDrizzleOnPostgres(InThirtyTwoBits, OnPostgres):
    naming = "drizzle"


class TestDrizzleOnSQLite(OnSQLite):
    naming = "drizzle"


class TestPgOnPostgres(OnPostgres):
    naming = "pg"
    keeps_names = True


class TestPgOnPostgresInThreads(OnPostgresInThreads):
    naming = "pg"
    keeps_names = True


class TestPgOnSQLite(OnSQLite):
    naming = "pg"
    keeps_names = True


class TestPrismaOnPostgres(InThirtyTwoBits, EveryoneHasAnEmail, OnPostgres):
    naming = "prisma"


class TestPrismaOnSQLite(EveryoneHasAnEmail, OnSQLite):
    naming = "prisma"


class PrismaBase(DeclarativeBase):
    pass


class PrismaUser(UserMixin, PrismaBase):
    __tablename__ = "User"
    authwire_naming = "prisma"
    authwire_row_ids = True


WITH_ROW_IDS = Models.for_user(PrismaUser)


class TestPrismaWithRowIdsOnSQLite(OnSQLite):
    """The schema that the page of the adapter gives for SQLite."""

    naming = "prisma"

    @pytest.fixture
    def adapter(self, engine: Engine) -> SQLAlchemyAdapter:
        adapter = SQLAlchemyAdapter(engine, models=WITH_ROW_IDS)
        drive(adapter.create_schema())
        return adapter


# --- what the tables look like --------------------------------------------------------------------


def of(models: Models) -> dict[type, type[Any]]:
    return {
        User: models.user,
        Account: models.account,
        AdapterSession: models.session,
        VerificationToken: models.verification_token,
        Authenticator: models.authenticator,
    }


def types(model: type[Any], dialect: Dialect) -> dict[str, str]:
    """The columns with their types, lower case, and ``!`` after those that must be filled."""
    return {
        column.name: str(column.type.compile(dialect)).lower().partition(" character set")[0]
        + ("" if column.nullable else "!")
        for column in model.__table__.columns
    }


POSTGRES = postgresql.dialect()  # type: ignore[no-untyped-call]  # of SQLAlchemy
MYSQL = mysql.dialect()
SQLITE = sqlite.dialect()
ORACLE = oracle.dialect()  # type: ignore[no-untyped-call]  # as above

ACCOUNT_TEXTS = (
    *("refresh_token", "access_token", "token_type", "scope", "id_token", "session_state"),
)


@pytest.mark.parametrize("naming", get_args(Naming))
def test_the_tables_are_named_as_auth_js_names_them(naming: Naming) -> None:
    models = default_models(naming)
    assert {kind: model.__table__.name for kind, model in of(models).items()} == TABLES[naming]


def test_drizzle_on_postgresql() -> None:
    models = default_models("drizzle")
    moment = "timestamp without time zone"
    assert types(models.user, POSTGRES) == {
        "id": "text!",
        "name": "text",
        "email": "text",
        "emailVerified": moment,
        "image": "text",
    }
    assert types(models.account, POSTGRES) == {
        "userId": "text!",
        "type": "text!",
        "provider": "text!",
        "providerAccountId": "text!",
        "expires_at": "integer",
        **dict.fromkeys(ACCOUNT_TEXTS, "text"),
    }
    assert types(models.session, POSTGRES) == {
        "sessionToken": "text!",
        "userId": "text!",
        "expires": f"{moment}!",
    }
    assert types(models.verification_token, POSTGRES) == {
        "identifier": "text!",
        "token": "text!",
        "expires": f"{moment}!",
    }
    assert types(models.authenticator, POSTGRES) == {
        "credentialID": "text!",
        "userId": "text!",
        "providerAccountId": "text!",
        "credentialPublicKey": "text!",
        "counter": "integer!",
        "credentialDeviceType": "text!",
        "credentialBackedUp": "boolean!",
        "transports": "text",
    }


def test_drizzle_on_mysql() -> None:
    models = default_models("drizzle")
    word = "varchar(255)"
    assert types(models.user, MYSQL) == {
        "id": f"{word}!",
        "name": word,
        "email": word,
        "emailVerified": "timestamp(3)",
        "image": word,
    }
    assert types(models.account, MYSQL) == {
        **dict.fromkeys(("userId", "type", "provider", "providerAccountId"), f"{word}!"),
        **dict.fromkeys(ACCOUNT_TEXTS, word),
        "id_token": "varchar(2048)",
        "expires_at": "integer",
    }
    assert types(models.session, MYSQL) == {
        "sessionToken": f"{word}!",
        "userId": f"{word}!",
        "expires": "timestamp!",
    }
    assert types(models.authenticator, MYSQL)["credentialBackedUp"] == "bool!"
    ddl = str(CreateTable(models.account.__table__).compile(dialect=MYSQL))
    assert "`providerAccountId` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" in ddl


def test_drizzle_on_sqlite() -> None:
    models = default_models("drizzle")
    assert types(models.user, SQLITE)["emailVerified"] == "integer"
    assert types(models.session, SQLITE) == {
        "sessionToken": "text!",
        "userId": "text!",
        "expires": "integer!",
    }
    assert types(models.authenticator, SQLITE)["credentialBackedUp"] == "integer!"


def test_pg_has_numbers_and_times_with_a_zone() -> None:
    models = default_models("pg")
    moment, word = "timestamp with time zone", "varchar(255)"
    assert types(models.user, POSTGRES) == {
        "id": "integer!",
        "name": word,
        "email": word,
        "emailVerified": moment,
        "image": "text",
    }
    assert types(models.account, POSTGRES) == {
        "id": "integer!",
        "userId": "integer!",
        **dict.fromkeys(("type", "provider", "providerAccountId"), f"{word}!"),
        **dict.fromkeys(ACCOUNT_TEXTS, "text"),
        "expires_at": "bigint",
    }
    assert types(models.session, POSTGRES) == {
        "id": "integer!",
        "userId": "integer!",
        "expires": f"{moment}!",
        "sessionToken": f"{word}!",
    }
    assert types(models.verification_token, POSTGRES) == {
        "identifier": "text!",
        "expires": f"{moment}!",
        "token": "text!",
    }
    for model in (models.user, models.account, models.session):
        ddl = str(CreateTable(model.__table__).compile(dialect=POSTGRES))
        assert "id SERIAL NOT NULL" in ddl
        assert "PRIMARY KEY (id)" in ddl


def test_pg_has_a_table_of_ours_for_passkeys() -> None:
    found = types(default_models("pg").authenticator, POSTGRES)
    ours = types(default_models().authenticator, POSTGRES)
    assert found == ours | {"user_id": "integer!"}


def test_prisma_on_postgresql() -> None:
    models = default_models("prisma")
    moment = "timestamp(3) without time zone"
    stamps = {"createdAt": f"{moment}!", "updatedAt": f"{moment}!"}
    assert types(models.user, POSTGRES) == {
        "id": "text!",
        "name": "text",
        "email": "text!",
        "emailVerified": moment,
        "image": "text",
        **stamps,
    }
    assert types(models.account, POSTGRES) == {
        **dict.fromkeys(("userId", "type", "provider", "providerAccountId"), "text!"),
        **dict.fromkeys(ACCOUNT_TEXTS, "text"),
        "expires_at": "integer",
        **stamps,
    }
    assert types(models.session, POSTGRES) == {
        "sessionToken": "text!",
        "userId": "text!",
        "expires": f"{moment}!",
        **stamps,
    }
    assert types(models.verification_token, POSTGRES) == {
        "identifier": "text!",
        "token": "text!",
        "expires": f"{moment}!",
    }
    assert types(models.authenticator, POSTGRES) == types(
        default_models("drizzle").authenticator, POSTGRES
    )
    ddl = str(CreateTable(models.session.__table__).compile(dialect=POSTGRES))
    assert '"createdAt" TIMESTAMP(3) WITHOUT TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL' in ddl
    assert '"updatedAt" TIMESTAMP(3) WITHOUT TIME ZONE NOT NULL' in ddl
    assert "PRIMARY KEY" not in ddl
    assert 'UNIQUE ("sessionToken")' in ddl


def test_prisma_on_mysql_and_sqlite() -> None:
    models = default_models("prisma")
    assert types(models.user, MYSQL)["emailVerified"] == "datetime(3)"
    assert types(models.account, MYSQL)["access_token"] == "text"
    assert types(models.account, MYSQL)["scope"] == "varchar(191)"
    assert types(models.user, SQLITE)["emailVerified"] == "datetime"
    ddl = str(CreateTable(models.user.__table__).compile(dialect=MYSQL))
    assert "`createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)" in ddl


def test_other_databases_have_plain_times() -> None:
    for naming in ("drizzle", "prisma"):
        assert types(default_models(naming).session, ORACLE)["expires"] == "date!"


def test_prisma_with_row_ids_and_without_stamps() -> None:
    class Base(DeclarativeBase):
        pass

    class Person(UserMixin, Base):
        __tablename__ = "User"
        authwire_naming = "prisma"
        authwire_row_ids = True
        authwire_stamps = False

    models = Models.for_user(Person)
    assert set(types(models.user, SQLITE)) == {"id", "name", "email", "emailVerified", "image"}
    assert types(models.user, SQLITE)["email"] == "text"
    for model in (models.account, models.session):
        assert model.__table__.primary_key.columns.keys() == ["id"]
        assert {"createdAt", "updatedAt"}.isdisjoint(model.__table__.columns.keys())


@pytest.mark.parametrize("naming", get_args(Naming))
def test_what_must_be_unique_is_unique(naming: Naming) -> None:
    models = default_models(naming)
    wanted = {
        User: ("email",),
        Account: ("provider", "provider_account_id"),
        AdapterSession: ("session_token",),
        VerificationToken: ("identifier", "token"),
        Authenticator: ("credential_id",),
    }
    for kind, model in of(models).items():
        table = model.__table__
        constraints = [table.primary_key, *(item for item in table.constraints if _unique(item))]
        found = [tuple(item.columns.keys()) for item in constraints]
        found += [tuple(item.columns.keys()) for item in table.indexes if item.unique]
        columns = tuple(column_name(naming, kind, name) for name in wanted[kind])
        assert columns in found, f"{table.name} {columns}"


def _unique(constraint: Any) -> bool:
    return type(constraint).__name__ == "UniqueConstraint"


@pytest.mark.parametrize("naming", get_args(Naming))
def test_rows_of_a_user_have_an_index_and_go_with_the_user(naming: Naming) -> None:
    models = default_models(naming)
    for kind in (Account, AdapterSession, Authenticator):
        table = of(models)[kind].__table__
        column = column_name(naming, kind, "user_id")
        assert (column,) in {tuple(item.columns.keys()) for item in table.indexes}
        (reference,) = table.foreign_keys
        assert reference.column is models.user.__table__.c.id
        assert reference.ondelete == "CASCADE"


def test_rows_that_expire_have_an_index_in_tables_of_our_own() -> None:
    for naming in get_args(Naming):
        models = default_models(naming)
        for model in (models.session, models.verification_token):
            indexes = {tuple(item.columns.keys()) for item in model.__table__.indexes}
            assert (("expires",) in indexes) == (naming == "snake")


@pytest.mark.parametrize("naming", SHARED)
def test_tables_of_auth_js_have_no_columns_of_ours(naming: Naming) -> None:
    models = default_models(naming)
    assert "extra" not in models.account.__table__.columns
    assert ("name" in models.authenticator.__table__.columns) == is_ours(naming, Authenticator)


def test_an_unknown_naming_is_refused() -> None:
    with pytest.raises(ValueError, match="naming is one of snake, drizzle, pg, prisma"):
        SQLAlchemyAdapter(create_engine("sqlite://"), naming="authjs")  # type: ignore[arg-type]  # the point of the test


def test_sharing_is_told_by_the_naming() -> None:
    engine = create_engine("sqlite://")
    assert not SQLAlchemyAdapter(engine).shared_with_authjs
    for naming in SHARED:
        assert SQLAlchemyAdapter(engine, naming=naming).shared_with_authjs
    assert SQLAlchemyAdapter(engine, models=WITH_ROW_IDS).shared_with_authjs


# --- numbers as ids -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "user_id",
    [
        *("", "x", "-1", "+1", "01", " 1", "1 ", "1.0", "1e0", "0", "\u0661", "1\x00"),
        *(str(2**31), "9" * 5000, "6f1c9bb4-5a0e-4d3b-9a57-3c1d2f7f0a11"),
    ],
)
def test_what_is_no_number_is_not_found(place: Place, user_id: str) -> None:
    engine = psycopg_engine(place)
    adapter = SQLAlchemyAdapter(engine, naming="pg")
    drive(adapter.create_schema())
    first = drive(adapter.create_user(User(email="a@example.com")))
    assert first.id == "1"
    drive(adapter.link_account(new_account(first)))
    assert drive(adapter.get_user(user_id)) is None
    assert drive(adapter.list_accounts_by_user_id(user_id)) == []
    assert drive(adapter.delete_sessions_by_user_id(user_id)) == 0
    drive(adapter.delete_user(user_id))
    with pytest.raises(LookupError):
        drive(adapter.update_user(user_id, {"name": "x"}))
    with pytest.raises(AdapterError) as caught:
        drive(
            adapter.create_session(
                AdapterSession(session_token="s", user_id=user_id, expires=LATER)
            )
        )  # no secret
    assert not user_id or user_id == "x" or user_id not in str(caught.value)
    assert drive(adapter.get_user("1")) == first
    engine.dispose()


def test_the_database_numbers_the_users(tmp_path: Path) -> None:
    engine = file_engine(tmp_path / "auth.db")
    adapter = SQLAlchemyAdapter(engine, naming="pg")
    drive(adapter.create_schema())
    ids = [drive(adapter.create_user(User(id=given))).id for given in ("", "7", "some-id")]
    assert ids == ["1", "2", "3"]
    drive(adapter.delete_user("3"))
    assert drive(adapter.create_user(User())).id == "4", "a number was given twice"
    engine.dispose()


def test_numbers_may_be_the_ids_of_users_of_your_own(tmp_path: Path) -> None:
    class Base(DeclarativeBase):
        pass

    class Person(UserMixin, Base):
        __tablename__ = "people"
        id: Mapped[str] = mapped_column("person_no", NumberedId(), primary_key=True)

    models = Models.for_user(Person)
    assert isinstance(models.account.__table__.c.user_id.type, NumberedId)
    engine = file_engine(tmp_path / "auth.db")
    adapter = SQLAlchemyAdapter(engine, models=models)
    drive(adapter.create_schema())
    user = drive(adapter.create_user(User(email="a@example.com")))
    account = drive(adapter.link_account(new_account(user)))
    assert user.id == "1"
    assert drive(adapter.get_user_by_account("example", account.provider_account_id)) == user
    assert drive(adapter.check_schema()) == []
    engine.dispose()


# --- Prisma's times -------------------------------------------------------------------------------


def test_prisma_rows_tell_when_they_were_made_and_changed(place: Place) -> None:
    engine = psycopg_engine(place)
    adapter = SQLAlchemyAdapter(engine, naming="prisma")
    drive(adapter.create_schema())
    before = datetime.now(UTC).replace(tzinfo=None) - timedelta(milliseconds=1)
    user = drive(adapter.create_user(User(email="a@example.com")))
    drive(adapter.link_account(new_account(user)))
    drive(
        adapter.create_session(AdapterSession(session_token="s", user_id=user.id, expires=LATER))
    )  # no secret
    for table in ("User", "Account", "Session"):
        (row,) = place.fetch(f'SELECT "createdAt", "updatedAt" FROM "{table}"', [])
        assert row["createdAt"] <= row["updatedAt"]
        assert before <= row["createdAt"] < before + timedelta(minutes=1)
    long_ago = datetime(2020, 1, 1)  # noqa: DTZ001  # the column has no zone
    with engine.begin() as connection:
        connection.execute(
            text('UPDATE "User" SET "createdAt" = :t, "updatedAt" = :t'), {"t": long_ago}
        )
    drive(adapter.update_user(user.id, {"name": "Ada"}))
    (row,) = place.fetch('SELECT "createdAt", "updatedAt" FROM "User"', [])
    assert row["createdAt"] == long_ago
    assert row["updatedAt"] >= before
    engine.dispose()


@pytest.mark.parametrize(
    "written",
    [
        1_930_480_215_123,
        "2031-03-05T12:30:15.123Z",
        "2031-03-05T12:30:15.123+00:00",
        "2031-03-05 12:30:15.123",
    ],
)
def test_whatever_prisma_writes_on_sqlite_is_read(tmp_path: Path, written: object) -> None:
    engine = file_engine(tmp_path / "auth.db")
    adapter = SQLAlchemyAdapter(engine, naming="prisma")
    drive(adapter.create_schema())
    user = drive(adapter.create_user(User(email="a@example.com")))
    with closing(sqlite3.connect(tmp_path / "auth.db")) as connection, connection:
        connection.execute('UPDATE "User" SET "emailVerified" = ?', [written])
    assert drive(adapter.get_user(user.id)) == replace(user, email_verified=LATER)
    engine.dispose()


# --- classes of one's own -------------------------------------------------------------------------


class OwnBase(DeclarativeBase):
    pass


class Times:
    """A mixin as many apps have one."""

    created_at: Mapped[str] = mapped_column(server_default="then")


class Shared:
    authwire_naming: ClassVar[Naming] = "pg"


class OwnUser(Shared, UserMixin, Times, OwnBase):
    __tablename__ = "users"


class OwnAccount(Shared, AccountMixin, OwnBase):
    __tablename__ = "accounts"


class OwnSession(Shared, SessionMixin, OwnBase):
    __tablename__ = "sessions"


class OwnToken(Shared, VerificationTokenMixin, OwnBase):
    __tablename__ = "verification_token"


class OwnPasskey(Shared, AuthenticatorMixin, OwnBase):
    __tablename__ = "authenticators"


def test_five_classes_of_your_own_are_like_those_made_for_you(tmp_path: Path) -> None:
    models = Models(
        user=OwnUser,
        account=OwnAccount,
        session=OwnSession,
        verification_token=OwnToken,
        authenticator=OwnPasskey,
    )
    made = of(default_models("pg"))
    for kind, model in of(models).items():
        found = types(model, POSTGRES)
        assert found.pop("created_at", "varchar!") == "varchar!"
        assert found == types(made[kind], POSTGRES)
        assert {tuple(item.columns.keys()) for item in model.__table__.indexes} == {
            tuple(item.columns.keys()) for item in made[kind].__table__.indexes
        }
    engine = file_engine(tmp_path / "auth.db")
    adapter = SQLAlchemyAdapter(engine, models=models)
    drive(adapter.create_schema())
    user = drive(adapter.create_user(User(email="a@example.com")))
    assert drive(adapter.get_user_by_email("a@example.com")) == user
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT created_at FROM users")) == "then"
    engine.dispose()
