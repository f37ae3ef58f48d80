"""PostgreSQL, through three drivers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import asyncpg
import psycopg
import pytest
from psycopg.rows import dict_row
from sqlalchemy import Engine, create_engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from tests.adapters.sqlalchemy.rows import POOL, TABLES, RawReader
from tests.servers import Server

from authwire.adapters.sqlalchemy import SQLAlchemyAdapter, default_models
from authwire.testing.adapter_contract import AdapterContract


@pytest.fixture(scope="module")
def connection(postgres: Server) -> Iterator[psycopg.Connection[Any]]:
    """A raw connection to a database that has the tables."""
    engine = create_engine(postgres.url("postgresql+psycopg"))
    metadata = default_models().user.metadata
    metadata.create_all(engine)
    with psycopg.connect(postgres.url("postgresql"), autocommit=True, row_factory=dict_row) as raw:
        yield raw
    metadata.drop_all(engine)
    engine.dispose()


@pytest.fixture
def empty_tables(connection: psycopg.Connection[Any]) -> None:
    connection.execute("; ".join(f"DELETE FROM {table}" for table in TABLES))


@pytest.fixture
def read_by_psycopg(connection: psycopg.Connection[Any]) -> RawReader:
    def fetch(sql: str, params: Sequence[str]) -> list[dict[str, Any]]:
        return list(connection.execute(sql.encode(), params))

    return RawReader(fetch, lambda _: "%s")


@pytest.fixture(scope="class")
async def raw_asyncpg(postgres: Server) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(postgres.url("postgresql"))
    yield connection
    await connection.close()


@pytest.fixture
def read_by_asyncpg(raw_asyncpg: Any) -> RawReader:
    async def fetch(sql: str, params: Sequence[str]) -> list[dict[str, Any]]:
        return [dict(row) for row in await raw_asyncpg.fetch(sql, *params)]

    return RawReader(fetch, lambda n: f"${n}")


@pytest.fixture(scope="class")
async def asyncpg_engine(postgres: Server) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(postgres.url("postgresql+asyncpg"), **POOL)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="class")
async def psycopg_engine(postgres: Server) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(postgres.url("postgresql+psycopg"), **POOL)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="class")
def sync_engine(postgres: Server) -> Iterator[Engine]:
    engine = create_engine(postgres.url("postgresql+psycopg"), **POOL)
    yield engine
    engine.dispose()


class TestPostgresByAsyncpg(AdapterContract):
    @pytest.fixture
    def adapter(self, empty_tables: None, asyncpg_engine: AsyncEngine) -> SQLAlchemyAdapter:
        return SQLAlchemyAdapter(asyncpg_engine)

    @pytest.fixture
    def store(self, read_by_psycopg: RawReader) -> RawReader:
        return read_by_psycopg


class TestPostgresByPsycopg(AdapterContract):
    @pytest.fixture
    def adapter(self, empty_tables: None, psycopg_engine: AsyncEngine) -> SQLAlchemyAdapter:
        return SQLAlchemyAdapter(psycopg_engine)

    @pytest.fixture
    def store(self, read_by_asyncpg: RawReader) -> RawReader:
        return read_by_asyncpg


class TestPostgresByPsycopgInThreads(AdapterContract):
    callers = "threads"

    @pytest.fixture
    def adapter(self, empty_tables: None, sync_engine: Engine) -> SQLAlchemyAdapter:
        return SQLAlchemyAdapter(sync_engine)

    @pytest.fixture
    def store(self, read_by_asyncpg: RawReader) -> RawReader:
        return read_by_asyncpg


class TestPostgresSerializable(TestPostgresByAsyncpg):
    """The strictest isolation, in which the database undoes transactions that meet."""

    @pytest.fixture
    def adapter(self, empty_tables: None, asyncpg_engine: AsyncEngine) -> SQLAlchemyAdapter:
        strict = asyncpg_engine.execution_options(isolation_level="SERIALIZABLE")
        return SQLAlchemyAdapter(strict)
