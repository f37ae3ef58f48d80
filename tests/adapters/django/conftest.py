from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.adapters.django import support
from tests.servers import Server

support.configure()


@pytest.fixture(autouse=True)
def _sync_calls_in_async_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """The contract calls sync adapters from its event loop, which Django refuses by default."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables."""
    path = tmp_path_factory.mktemp("django") / "template.sqlite3"
    with support.database(**support.sqlite(path)) as alias:
        support.migrate(alias)
    return path


@pytest.fixture
def sqlite_db(template: Path, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The name of an empty database, and its file."""
    with support.sqlite_copy(template, tmp_path) as found:
        yield found


@pytest.fixture
def alias(sqlite_db: tuple[str, Path]) -> str:
    return sqlite_db[0]


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Server) -> Iterator[str]:
    with support.database(**support.of_server("postgresql", postgres)) as alias:
        support.migrate(alias)
        yield alias


@pytest.fixture
def postgres_db(migrated_postgres: str) -> str:
    support.flush(migrated_postgres)
    return migrated_postgres


@pytest.fixture(scope="session")
def migrated_mariadb(mariadb: Server) -> Iterator[str]:
    with support.database(**support.of_server("mysql", mariadb)) as alias:
        support.migrate(alias)
        yield alias


@pytest.fixture
def mariadb_db(migrated_mariadb: str) -> str:
    support.flush(migrated_mariadb)
    return migrated_mariadb
