"""SQLite, in a file and in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import sessionmaker
from tests.adapters.sqlalchemy.rows import (
    WAIT,
    RawReader,
    drive,
    file_engine,
    memory_engine,
    read_engine,
    read_file,
)

from authwire.adapters.sqlalchemy import SQLAlchemyAdapter
from authwire.testing.adapter_contract import AdapterContract


@pytest.fixture
def sync_engine() -> Iterator[Engine]:
    engine = memory_engine()
    yield engine
    engine.dispose()


class TestSQLAlchemyAsyncSQLite(AdapterContract):
    @pytest.fixture
    async def adapter(self, tmp_path: Path) -> AsyncIterator[SQLAlchemyAdapter]:
        url = f"sqlite+aiosqlite:///{tmp_path / 'auth.db'}"
        engine = create_async_engine(url, connect_args={"timeout": WAIT})
        adapter = SQLAlchemyAdapter(engine)
        await adapter.create_schema()
        yield adapter
        await engine.dispose()

    @pytest.fixture
    def store(self, tmp_path: Path) -> RawReader:
        return RawReader(read_file(tmp_path / "auth.db"))


class TestSQLAlchemyAsyncSQLiteInMemory(AdapterContract):
    @pytest.fixture
    async def engine(self) -> AsyncIterator[AsyncEngine]:
        engine = create_async_engine("sqlite+aiosqlite://")
        yield engine
        await engine.dispose()

    @pytest.fixture
    async def adapter(self, engine: AsyncEngine) -> SQLAlchemyAdapter:
        adapter = SQLAlchemyAdapter(async_sessionmaker(engine))
        await adapter.create_schema()
        return adapter

    @pytest.fixture
    def store(self, engine: AsyncEngine) -> RawReader:
        async def fetch(sql: str, params: Sequence[str]) -> list[dict[str, Any]]:
            async with engine.connect() as connection:
                rows = (await connection.exec_driver_sql(sql, tuple(params))).mappings()
                return [dict(row) for row in rows]

        return RawReader(fetch)


class TestSQLAlchemySyncSQLite(AdapterContract):
    callers = "threads"

    @pytest.fixture
    def engine(self, tmp_path: Path) -> Iterator[Engine]:
        engine = file_engine(tmp_path / "auth.db")
        yield engine
        engine.dispose()

    @pytest.fixture
    def adapter(self, engine: Engine) -> SQLAlchemyAdapter:
        adapter = SQLAlchemyAdapter(engine)
        drive(adapter.create_schema())
        return adapter

    @pytest.fixture
    def store(self, tmp_path: Path) -> RawReader:
        return RawReader(read_file(tmp_path / "auth.db"))


class TestSQLAlchemySyncSQLiteInMemory(AdapterContract):
    callers = "threads"

    @pytest.fixture
    def adapter(self, sync_engine: Engine) -> SQLAlchemyAdapter:
        adapter = SQLAlchemyAdapter(sessionmaker(sync_engine))
        drive(adapter.create_schema())
        return adapter

    @pytest.fixture
    def store(self, sync_engine: Engine) -> RawReader:
        return RawReader(read_engine(sync_engine))


class TestSQLAlchemyWithoutReturning(TestSQLAlchemySyncSQLite):
    """What MySQL gets, which cannot delete and return in one statement."""

    @pytest.fixture
    def adapter(self, engine: Engine) -> SQLAlchemyAdapter:
        adapter = SQLAlchemyAdapter(engine)
        drive(adapter.create_schema())
        engine.dialect.delete_returning = False
        return adapter
