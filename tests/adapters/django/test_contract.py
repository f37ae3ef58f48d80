"""The contract, on three databases and four kinds of user models."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest
from tests.adapters.django.support import CALLER, PERSON, STOCK, DjangoReader, Project
from tests.adapters.rows import mariadb_fetch, postgres_fetch, sqlite_fetch
from tests.servers import Server

from authwire.adapters.django import AsyncDjangoAdapter, DjangoAdapter
from authwire.testing.adapter_contract import AdapterContract


class OnSQLite(AdapterContract):
    project: ClassVar[Project] = STOCK
    kind: ClassVar[Any] = DjangoAdapter

    @pytest.fixture
    def adapter(self, sqlite_db: tuple[str, Path]) -> Any:
        return self.project.adapter(sqlite_db[0], self.kind)

    @pytest.fixture
    def store(self, sqlite_db: tuple[str, Path]) -> DjangoReader:
        return DjangoReader(sqlite_fetch(sqlite_db[1]), self.project)


class OnPostgres(AdapterContract):
    project: ClassVar[Project] = STOCK
    kind: ClassVar[Any] = DjangoAdapter

    @pytest.fixture
    def adapter(self, postgres_db: str) -> Any:
        return self.project.adapter(postgres_db, self.kind)

    @pytest.fixture
    def store(self, postgres: Server) -> DjangoReader:
        return DjangoReader(postgres_fetch(postgres), self.project)


class OnMariaDB(AdapterContract):
    project: ClassVar[Project] = STOCK
    kind: ClassVar[Any] = DjangoAdapter

    @pytest.fixture
    def adapter(self, mariadb_db: str) -> Any:
        return self.project.adapter(mariadb_db, self.kind)

    @pytest.fixture
    def store(self, mariadb: Server) -> DjangoReader:
        return DjangoReader(mariadb_fetch(mariadb), self.project)


class TestStockUserOnSQLite(OnSQLite):
    pass


class TestStockUserOnSQLiteAsync(OnSQLite):
    kind = AsyncDjangoAdapter


class TestStockUserOnPostgres(OnPostgres):
    pass


class TestStockUserOnMariaDB(OnMariaDB):
    pass


class TestUserWithOurColumnsOnSQLite(OnSQLite):
    project = PERSON


class TestUserWithOurColumnsOnPostgres(OnPostgres):
    project = PERSON


class TestUserWithOurColumnsOnMariaDB(OnMariaDB):
    project = PERSON


class TestUserWithoutAnyOfOurColumnsOnSQLite(OnSQLite):
    project = CALLER


class TestUserWithoutAnyOfOurColumnsOnPostgres(OnPostgres):
    project = CALLER
