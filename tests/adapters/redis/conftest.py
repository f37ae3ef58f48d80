"""Clients of one server and of a cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest
import redis
import redis.asyncio
from tests.adapters.redis.cluster import redis_cluster
from tests.adapters.redis.stores import RawReader, fresh_prefix
from tests.servers import Server


def where(server: Server) -> dict[str, Any]:
    login = {"username": server.user} if server.user else {}
    password = {"password": server.password} if server.password else {}
    return {"host": server.host, "port": server.port, **login, **password}


@pytest.fixture
def prefix(redis_server: Server) -> Iterator[str]:
    with fresh_prefix(redis_server.port, redis_server.host, redis_server.password) as prefix:
        yield prefix


@pytest.fixture
async def client(redis_server: Server) -> AsyncIterator[redis.asyncio.Redis]:
    async with redis.asyncio.Redis(**where(redis_server)) as client:
        yield client


@pytest.fixture
def sync_client(redis_server: Server) -> Iterator[redis.Redis]:
    with redis.Redis(**where(redis_server)) as client:
        yield client


@pytest.fixture
def raw(redis_server: Server) -> Iterator[redis.Redis]:
    """Decodes its answers."""
    with redis.Redis(**where(redis_server), decode_responses=True) as client:
        yield client


@pytest.fixture
def reader(raw: redis.Redis, prefix: str) -> RawReader:
    return RawReader(raw, prefix)


@pytest.fixture(scope="package")
def nodes() -> Iterator[Sequence[Server]]:
    with redis_cluster() as nodes:
        yield nodes


@pytest.fixture
def raw_cluster(nodes: Sequence[Server]) -> Iterator[redis.RedisCluster]:
    """Decodes its answers."""
    with redis.RedisCluster(host="127.0.0.1", port=nodes[0].port, decode_responses=True) as client:
        client.flushdb(target_nodes=redis.RedisCluster.ALL_NODES)
        yield client


@pytest.fixture
async def cluster_client(
    nodes: Sequence[Server], raw_cluster: redis.RedisCluster
) -> AsyncIterator[redis.asyncio.RedisCluster]:
    async with redis.asyncio.RedisCluster(host="127.0.0.1", port=nodes[0].port) as client:
        yield client
