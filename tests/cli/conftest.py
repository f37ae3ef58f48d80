"""Databases for the tests of ``authwire db``: each test has an empty one of its own."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest
from sqlalchemy import Engine, create_engine
from tests.servers import Server


@dataclass(frozen=True)
class Database:
    """One empty database, by the URLs of a sync and an async driver."""

    kind: str
    sync: str
    asynchronous: str

    def engine(self, **options: Any) -> Engine:
        return create_engine(self.sync, **options)


def _name() -> str:
    return f"authwire_test_{uuid.uuid4().hex[:12]}"


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Database:
    path = tmp_path / "app.db"
    return Database("sqlite", f"sqlite:///{path}", f"sqlite+aiosqlite:///{path}")


@pytest.fixture
def postgres_database(postgres: Server) -> Iterator[Database]:
    server = replace(postgres, database=_name())
    with psycopg.connect(postgres.url("postgresql"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{server.database}" TEMPLATE template0')  # type: ignore[arg-type]  # a name of ours
        yield Database(
            "postgresql", server.url("postgresql+psycopg"), server.url("postgresql+asyncpg")
        )
        connection.execute(f'DROP DATABASE "{server.database}" WITH (FORCE)')  # type: ignore[arg-type]  # as above


@pytest.fixture
def mariadb_database(mariadb: Server) -> Iterator[Database]:
    server = replace(mariadb, database=_name())
    login = {"host": mariadb.host, "port": mariadb.port, "user": mariadb.user}
    with (
        pymysql.connect(**login, password=mariadb.password, autocommit=True) as connection,  # type: ignore[arg-type]  # one dict for int and str
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"CREATE DATABASE {server.database} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
        )
        yield Database("mysql", server.url("mysql+pymysql"), server.url("mysql+asyncmy"))
        cursor.execute(f"DROP DATABASE {server.database}")


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of an app, which is the current one; its modules are forgotten at the end."""
    for name in ("AUTHWIRE_APP", "AUTHWIRE_DATABASE_URL", "AUTH_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith(f"{tmp_path}/"):
            del sys.modules[name]
