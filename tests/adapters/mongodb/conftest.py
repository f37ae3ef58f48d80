"""A server, real or a stand-in, and a fresh database on it for each test."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient, MongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database
from tests.adapters.mongo_server import mongo_server

Rows = dict[str, Any]


@pytest.fixture(scope="session")
def mongo_url() -> Iterator[str]:
    """A real server at TEST_MONGODB_URL, or else the stand-in."""
    if url := os.environ.get("TEST_MONGODB_URL"):
        yield url
        return
    with mongo_server() as server:
        yield server.url


@pytest.fixture(scope="session")
def mongo_client(mongo_url: str) -> Iterator[MongoClient[Rows]]:
    with MongoClient[Rows](mongo_url) as client:
        yield client


@pytest.fixture
def sync_database(mongo_client: MongoClient[Rows]) -> Iterator[Database[Rows]]:
    """Fresh, and dropped at the end."""
    name = f"authwire_test_{uuid.uuid4().hex[:12]}"
    yield mongo_client[name]
    mongo_client.drop_database(name)


@pytest.fixture
async def database(
    mongo_url: str, sync_database: Database[Rows]
) -> AsyncIterator[AsyncDatabase[Rows]]:
    """The same database, for async code."""
    async with AsyncMongoClient[Rows](mongo_url) as client:
        yield client[sync_database.name]
