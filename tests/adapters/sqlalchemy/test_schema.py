"""What `check_schema` says of databases that lack something, and what `create_schema` makes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, MetaData, create_engine, inspect
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker
from tests.adapters.sqlalchemy.rows import drive, file_engine, memory_engine
from tests.servers import Server

from authwire.adapters.sqlalchemy import Models, SQLAlchemyAdapter, UserMixin, default_models
from authwire.models import User

METADATA = default_models().user.metadata


def found_by(connection: Connection) -> list[str]:
    adapter = SQLAlchemyAdapter(sessionmaker(connection))
    answer = drive(adapter.check_schema())
    assert isinstance(answer, list)
    return answer


# --- PostgreSQL -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def postgres_engine(postgres: Server) -> Iterator[Engine]:
    engine = create_engine(postgres.url("postgresql+psycopg"))
    METADATA.create_all(engine)
    yield engine
    METADATA.drop_all(engine)
    engine.dispose()


@pytest.fixture
def tables(postgres_engine: Engine) -> Iterator[Connection]:
    """A connection whose changes, also of tables, are undone."""
    with postgres_engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()


CHANGES = {
    "DROP TABLE accounts": ["the table accounts is missing"],
    "ALTER TABLE users DROP image": ["the column users.image is missing"],
    "ALTER TABLE users ALTER image TYPE VARCHAR(100)": [
        "the column users.image is VARCHAR(100), too narrow for TEXT"
    ],
    "ALTER TABLE users ALTER email TYPE VARCHAR(319)": [
        "the column users.email is VARCHAR(319), too narrow for VARCHAR(320)"
    ],
    "ALTER TABLE users ALTER email TYPE TEXT": [],
    "ALTER TABLE users ALTER image TYPE BYTEA USING NULL": [
        "the column users.image is BYTEA, not TEXT"
    ],
    "ALTER TABLE users ALTER email TYPE CHAR(320)": [
        "the column users.email is CHAR(320), not VARCHAR(320)"
    ],
    "ALTER TABLE authenticators ALTER counter TYPE INTEGER": [
        "the column authenticators.counter is INTEGER, too narrow for BIGINT"
    ],
    "ALTER TABLE sessions ALTER expires TYPE TIMESTAMP": [
        "the column sessions.expires is TIMESTAMP WITHOUT TIME ZONE, not TIMESTAMP WITH TIME ZONE"
    ],
    "ALTER TABLE accounts ALTER extra TYPE JSONB": [],
    "ALTER TABLE accounts ALTER extra TYPE TEXT": ["the column accounts.extra is TEXT, not JSON"],
    "ALTER TABLE users ALTER email SET NOT NULL": [
        "the column users.email is NOT NULL, but must be able to be empty"
    ],
    "ALTER TABLE users ADD tenant INTEGER NOT NULL": [
        "the column users.tenant is NOT NULL, but nothing fills it"
    ],
    "ALTER TABLE users ADD tenant INTEGER NOT NULL DEFAULT 1": [],
    "ALTER TABLE users ADD tenant SERIAL NOT NULL": [],
    "ALTER TABLE users ADD tenant INTEGER GENERATED ALWAYS AS IDENTITY": [],
    "ALTER TABLE users ADD tenant TEXT GENERATED ALWAYS AS (id) STORED NOT NULL": [],
    "ALTER TABLE users ADD tenant INTEGER": [],
    "ALTER TABLE users DROP CONSTRAINT users_email_key": [
        "the unique constraint on users (email) is missing"
    ],
    "ALTER TABLE users DROP CONSTRAINT users_email_key; CREATE UNIQUE INDEX x ON users (email)": [],
    "ALTER TABLE users DROP CONSTRAINT users_email_key; CREATE INDEX x ON users (email)": [
        "the unique constraint on users (email) is missing"
    ],
    "ALTER TABLE users DROP CONSTRAINT users_email_key;"
    " CREATE UNIQUE INDEX x ON users (lower(email))": [
        "the unique constraint on users (email) is missing"
    ],
    "ALTER TABLE users DROP CONSTRAINT users_email_key;"
    " CREATE UNIQUE INDEX x ON users (email) WHERE name IS NULL": [
        "the unique constraint on users (email) is missing"
    ],
    "ALTER TABLE accounts DROP CONSTRAINT accounts_pkey": [
        "the primary key on accounts (provider, provider_account_id) is missing"
    ],
    "ALTER TABLE accounts DROP CONSTRAINT accounts_pkey, ADD UNIQUE (provider_account_id, provider)": [],
    "ALTER TABLE accounts DROP CONSTRAINT accounts_pkey, ADD UNIQUE (provider, user_id)": [
        "the primary key on accounts (provider, provider_account_id) is missing"
    ],
    "DROP INDEX ix_sessions_user_id": ["the index on sessions (user_id) is missing"],
    "DROP INDEX ix_sessions_user_id; CREATE INDEX x ON sessions (user_id, expires)": [],
    "DROP INDEX ix_sessions_user_id; CREATE INDEX x ON sessions (expires, user_id)": [
        "the index on sessions (user_id) is missing"
    ],
    "DROP INDEX ix_verification_tokens_token": [
        "the index on verification_tokens (token) is missing"
    ],
    "DROP INDEX ix_sessions_expires": ["the index on sessions (expires) is missing"],
    "ALTER TABLE sessions DROP CONSTRAINT sessions_user_id_fkey": [
        "the foreign key from sessions (user_id) to users is missing"
    ],
    "ALTER TABLE sessions DROP CONSTRAINT sessions_user_id_fkey,"
    " ADD FOREIGN KEY (user_id) REFERENCES users (id)": [
        "the foreign key from sessions (user_id) to users lacks ON DELETE CASCADE"
    ],
    "ALTER TABLE sessions DROP user_id": ["the column sessions.user_id is missing"],
    "DROP TABLE users CASCADE; CREATE TABLE users (id UUID PRIMARY KEY)": [
        "the column users.id is UUID, not VARCHAR(255)",
        "the column users.name is missing",
        "the column users.email is missing",
        "the column users.email_verified is missing",
        "the column users.image is missing",
        *(
            f"the foreign key from {table} (user_id) to users is missing"
            for table in ("accounts", "sessions", "authenticators")
        ),
    ],
}


@pytest.mark.parametrize(("change", "expected"), CHANGES.items(), ids=CHANGES)
def test_what_a_change_of_the_tables_breaks_is_told(
    tables: Connection, change: str, expected: list[str]
) -> None:
    assert found_by(tables) == []
    tables.exec_driver_sql(change)
    assert found_by(tables) == expected


def test_an_empty_database_lacks_every_table(tables: Connection) -> None:
    METADATA.drop_all(tables)
    assert found_by(tables) == [
        f"the table {name} is missing"
        for name in ("users", "accounts", "sessions", "verification_tokens", "authenticators")
    ]


@pytest.mark.anyio
async def test_an_async_engine_checks_too(postgres: Server, postgres_engine: Engine) -> None:
    engine = create_async_engine(postgres.url("postgresql+asyncpg"))
    adapter = SQLAlchemyAdapter(engine)
    assert await adapter.check_schema() == []
    async with engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE users RENAME image TO picture")
    assert await adapter.check_schema() == ["the column users.image is missing"]
    async with engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE users RENAME picture TO image")
    await engine.dispose()


def test_tables_in_a_schema_are_looked_for_there(tables: Connection) -> None:
    class Base(DeclarativeBase):
        metadata = MetaData(schema="auth")

    class Person(UserMixin, Base):
        __tablename__ = "users"

    adapter = SQLAlchemyAdapter(sessionmaker(tables), models=Models.for_user(Person))
    assert drive(adapter.check_schema())[0] == "the table auth.users is missing"
    tables.exec_driver_sql("CREATE SCHEMA auth")
    drive(adapter.create_schema())
    assert drive(adapter.check_schema()) == []
    tables.exec_driver_sql("DROP INDEX auth.ix_auth_accounts_user_id")
    assert drive(adapter.check_schema()) == ["the index on auth.accounts (user_id) is missing"]


# --- MariaDB --------------------------------------------------------------------------------------


@pytest.fixture
def mariadb_tables(mariadb: Server) -> Iterator[Connection]:
    engine = create_engine(mariadb.url("mysql+pymysql"))
    METADATA.create_all(engine)
    with engine.connect() as connection:
        yield connection
    METADATA.drop_all(engine)
    engine.dispose()


NOT_BINARY = "not byte for byte: give it a collation that ends in _bin"
MARIADB_CHANGES = {
    "ALTER TABLE users MODIFY email VARCHAR(320) COLLATE utf8mb4_general_ci": [
        f"the column users.email is compared by utf8mb4_general_ci, {NOT_BINARY}"
    ],
    "ALTER TABLE users MODIFY image VARCHAR(191)": [
        "the column users.image is VARCHAR(191), too narrow for TEXT"
    ],
    "ALTER TABLE users MODIFY image LONGTEXT": [],
    "ALTER TABLE sessions MODIFY expires DATETIME NOT NULL": [
        "the column sessions.expires is DATETIME, too narrow for DATETIME(6)"
    ],
    "ALTER TABLE sessions MODIFY expires TIMESTAMP(6) NOT NULL": [],
    "ALTER TABLE authenticators MODIFY counter INT UNSIGNED NOT NULL": [
        "the column authenticators.counter is INTEGER(10) UNSIGNED, too narrow for BIGINT"
    ],
    "ALTER TABLE users DROP INDEX email, ADD UNIQUE (email(10))": [
        "the unique constraint on users (email) is missing"
    ],
    "ALTER TABLE verification_tokens DROP INDEX ix_verification_tokens_token": [
        "the index on verification_tokens (token) is missing"
    ],
    "ALTER TABLE sessions DROP FOREIGN KEY sessions_ibfk_1": [
        "the foreign key from sessions (user_id) to users is missing"
    ],
    "ALTER TABLE users ADD tenant INT NOT NULL": [
        "the column users.tenant is NOT NULL, but nothing fills it"
    ],
    "ALTER TABLE users ADD tenant INT NOT NULL DEFAULT 1": [],
    "ALTER TABLE users ADD tenant INT NOT NULL AUTO_INCREMENT UNIQUE": [],
    "ALTER TABLE users ADD tenant INT AS (LENGTH(name)) STORED": [],
}


@pytest.mark.parametrize(("change", "expected"), MARIADB_CHANGES.items(), ids=MARIADB_CHANGES)
def test_what_a_change_of_the_tables_breaks_on_mariadb_is_told(
    mariadb_tables: Connection, change: str, expected: list[str]
) -> None:
    assert found_by(mariadb_tables) == []
    mariadb_tables.exec_driver_sql(change)
    assert found_by(mariadb_tables) == expected


# --- SQLite ---------------------------------------------------------------------------------------


@pytest.fixture
def sqlite() -> Iterator[Engine]:
    engine = memory_engine()
    yield engine
    engine.dispose()


def test_a_table_of_sqlite_without_types_and_keys_is_told_what_it_lacks(sqlite: Engine) -> None:
    METADATA.create_all(sqlite)
    with sqlite.begin() as connection:
        connection.exec_driver_sql("DROP TABLE users")
        connection.exec_driver_sql(
            "CREATE TABLE users (id INTEGER PRIMARY KEY, name CHAR(3), email, email_verified TEXT,"
            " image)"
        )
    assert drive(SQLAlchemyAdapter(sqlite).check_schema()) == [
        "the column users.id is INTEGER, not VARCHAR(255)",
        "the unique constraint on users (email) is missing",
    ]


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


def test_columns_of_ones_own_are_checked_too(sqlite: Engine) -> None:
    class Base(DeclarativeBase):
        pass

    class Person(UserMixin, Base):
        __tablename__ = "people"
        role: Mapped[str] = mapped_column(default="member")
        badge: Mapped[int] = mapped_column(unique=True, index=True)
        notes: Mapped[str] = mapped_column(default="")

    models = Models.for_user(Person)
    adapter = SQLAlchemyAdapter(sqlite, models=models, user=Member)
    drive(adapter.create_schema())
    lacking = "the column people.badge is NOT NULL, but nothing fills it"
    assert drive(adapter.check_schema()) == [lacking]
    with sqlite.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE people DROP COLUMN notes")
        connection.exec_driver_sql("DROP INDEX ix_people_badge")
    assert drive(adapter.check_schema()) == [
        "the column people.notes is missing",
        lacking,
        "the unique constraint on people (badge) is missing",
    ]


# --- create_schema --------------------------------------------------------------------------------


def test_create_schema_makes_only_the_tables_that_are_missing(sqlite: Engine) -> None:
    adapter = SQLAlchemyAdapter(sqlite)
    drive(adapter.create_schema())
    user = drive(adapter.create_user(User(id="1")))
    with sqlite.begin() as connection:
        connection.exec_driver_sql("DROP TABLE accounts")
        connection.exec_driver_sql("DROP INDEX ix_sessions_user_id")
    drive(adapter.create_schema())
    assert drive(adapter.get_user("1")) == user
    # A table that exists stays as it is.
    assert drive(adapter.check_schema()) == ["the index on sessions (user_id) is missing"]


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def empty(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Engine]:
    """A database without tables."""
    if request.param == "sqlite":
        engine = file_engine(tmp_path / "auth.db")
    else:
        scheme = {"postgres": "postgresql+psycopg", "mariadb": "mysql+pymysql"}[request.param]
        engine = create_engine(request.getfixturevalue(request.param).url(scheme))
    METADATA.drop_all(engine)
    yield engine
    METADATA.drop_all(engine)
    engine.dispose()


def test_processes_that_start_at_once_may_all_create_the_schema(empty: Engine) -> None:
    workers = [create_engine(empty.url, connect_args=_patience(empty)) for _ in range(6)]
    with ThreadPoolExecutor(len(workers)) as pool:
        for done in [pool.submit(_create, worker) for worker in workers]:
            done.result(60)
    # Tests of other adapters may have left tables in the same database.
    assert METADATA.tables.keys() <= set(inspect(empty).get_table_names())
    assert drive(SQLAlchemyAdapter(empty).check_schema()) == []


def _create(engine: Engine) -> None:
    drive(SQLAlchemyAdapter(engine).create_schema())
    engine.dispose()


def _patience(engine: Engine) -> dict[str, int]:
    return {"timeout": 60} if engine.dialect.name == "sqlite" else {}


@pytest.fixture
async def unreachable() -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    yield engine
    await engine.dispose()


@pytest.mark.anyio
async def test_a_database_that_cannot_be_reached_is_no_missing_table(
    unreachable: AsyncEngine,
) -> None:
    adapter = SQLAlchemyAdapter(unreachable)
    for method in (adapter.check_schema, adapter.create_schema):
        # In the words of asyncio, or of uvloop.
        with pytest.raises(OSError, match=r"Connect call failed|Connection refused"):
            await method()
