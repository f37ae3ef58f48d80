"""The contract, on one server and in a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import redis
import redis.asyncio
from tests.adapters.redis.stores import RawReader
from tests.servers import Server

from authwire.adapters.redis import RedisAdapter
from authwire.testing.adapter_contract import AdapterContract


class OneServer(AdapterContract):
    keeps_expired = False

    @pytest.fixture
    def store(self, reader: RawReader) -> RawReader:
        return reader


class Cluster(AdapterContract):
    keeps_expired = False

    @pytest.fixture
    def store(self, raw_cluster: redis.RedisCluster) -> RawReader:
        return RawReader(raw_cluster, "authwire:")


class TestRedisAsync(OneServer):
    @pytest.fixture
    def adapter(self, client: redis.asyncio.Redis, prefix: str) -> Any:
        return RedisAdapter(client, prefix=prefix)


class TestRedisSync(OneServer):
    callers = "threads"

    @pytest.fixture
    def adapter(self, sync_client: redis.Redis, prefix: str) -> Any:
        return RedisAdapter(sync_client, prefix=prefix)


class TestRedisThatDecodesItsAnswers(OneServer):
    callers = "threads"

    @pytest.fixture
    def adapter(self, raw: redis.Redis, prefix: str) -> Any:
        return RedisAdapter(raw, prefix=prefix)


class TestRedisInSteps(OneServer):
    """As in a cluster, but on one server."""

    @pytest.fixture
    def adapter(self, client: redis.asyncio.Redis, prefix: str) -> Any:
        return RedisAdapter(client, prefix=prefix, cluster=True)


class TestRedisClusterAsync(Cluster):
    @pytest.fixture
    def adapter(self, cluster_client: redis.asyncio.RedisCluster) -> Any:
        return RedisAdapter(cluster_client)


class TestRedisClusterSync(Cluster):
    callers = "threads"

    @pytest.fixture
    def adapter(self, nodes: Sequence[Server], raw_cluster: redis.RedisCluster) -> Iterator[Any]:
        with redis.RedisCluster(host="127.0.0.1", port=nodes[0].port) as client:
            yield RedisAdapter(client)


class TestRedisClusterInOneSlot(Cluster):
    """Every step is one script then, as on a single server."""

    @pytest.fixture
    def adapter(self, cluster_client: redis.asyncio.RedisCluster) -> Any:
        return RedisAdapter(cluster_client, prefix="{authwire}:", cluster=False)

    @pytest.fixture
    def store(self, raw_cluster: redis.RedisCluster) -> RawReader:
        return RawReader(raw_cluster, "{authwire}:")
