"""The contract, with the async and the sync client and both namings."""

from __future__ import annotations

from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database
from tests.adapters.mongodb.stores import AuthjsReader, RawReader, drive

from authwire.adapters.mongodb import MongoDBAdapter
from authwire.testing.adapter_contract import AdapterContract


class TestMongoDBAsync(AdapterContract):
    @pytest.fixture
    async def adapter(self, database: AsyncDatabase[Any]) -> MongoDBAdapter:
        adapter = MongoDBAdapter(database)
        await adapter.create_schema()
        return adapter

    @pytest.fixture
    def store(self, sync_database: Database[Any]) -> RawReader:
        return RawReader(sync_database)


class TestMongoDBSync(AdapterContract):
    callers = "threads"

    @pytest.fixture
    def adapter(self, sync_database: Database[Any]) -> MongoDBAdapter:
        adapter = MongoDBAdapter(sync_database)
        drive(adapter.create_schema())
        return adapter

    @pytest.fixture
    def store(self, sync_database: Database[Any]) -> RawReader:
        return RawReader(sync_database)


class TestMongoDBAuthjsAsync(AdapterContract):
    @pytest.fixture
    async def adapter(self, database: AsyncDatabase[Any]) -> MongoDBAdapter:
        adapter = MongoDBAdapter(database, naming="authjs")
        await adapter.create_schema()
        return adapter

    @pytest.fixture
    def store(self, sync_database: Database[Any]) -> RawReader:
        return AuthjsReader(sync_database)


class TestMongoDBAuthjsSync(AdapterContract):
    callers = "threads"

    @pytest.fixture
    def adapter(self, sync_database: Database[Any]) -> MongoDBAdapter:
        adapter = MongoDBAdapter(sync_database, naming="authjs")
        drive(adapter.create_schema())
        return adapter

    @pytest.fixture
    def store(self, sync_database: Database[Any]) -> RawReader:
        return AuthjsReader(sync_database)
