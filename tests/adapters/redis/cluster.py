"""A cluster of three servers of the test's own."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence

import redis
from tests.servers import Server, Unavailable, private_redis

__all__ = ["SLOTS", "redis_cluster"]

SLOTS = 16384
PATIENCE = 60.0
"""Seconds until the servers must have met."""


@contextlib.contextmanager
def redis_cluster() -> Iterator[Sequence[Server]]:
    """Three servers with a third of the slots each, and no replicas."""
    with contextlib.ExitStack() as stack:
        nodes = [stack.enter_context(_node()) for _ in range(3)]
        clients = [stack.enter_context(redis.Redis(port=node.port)) for node in nodes]
        for number, client in enumerate(clients):
            mine = range(SLOTS * number // 3, SLOTS * (number + 1) // 3)
            client.execute_command("CLUSTER", "ADDSLOTS", *mine)
            client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            client.execute_command("CLUSTER", "MEET", "127.0.0.1", nodes[0].port)
        deadline = time.monotonic() + PATIENCE
        while not all(map(_whole, clients)):
            assert time.monotonic() < deadline, "the cluster did not come together"
            time.sleep(0.05)
        yield nodes


@contextlib.contextmanager
def _node() -> Iterator[Server]:
    # The nodes talk to each other on a port 10,000 higher, which may be taken or none.
    for attempt in range(20):
        with contextlib.ExitStack() as stack:
            try:
                server = stack.enter_context(private_redis("--cluster-enabled", "yes"))
                # It listens before it finds out about the other port, and then ends.
                stack.enter_context(redis.Redis(port=server.port)).ping()
            except (Unavailable, redis.ConnectionError):
                assert attempt < 19, "no port for a node of a cluster"
                continue
            yield server
            return


def _whole(client: redis.Redis) -> bool:
    info = client.execute_command("CLUSTER", "INFO")
    facts = (
        info
        if isinstance(info, dict)
        else dict(line.split(":") for line in info.decode().split("\r\n") if line)
    )
    return facts["cluster_state"] == "ok" and facts["cluster_known_nodes"] == "3"
