"""Whether the servers may be trusted with users."""

from __future__ import annotations

from typing import Any, Final

from authwire.adapters.redis.store import Store

__all__ = ["complaints"]

OLDEST: Final = (6, 2)


async def complaints(store: Store) -> list[str]:
    """What about the servers endangers the rows, a sentence each."""
    found: list[str] = []
    for server in await store.servers():
        found += [text for text in _of(server) if text not in found]
    return found


def _of(server: dict[str, Any]) -> list[str]:
    found: list[str] = []
    # Valkey calls itself Redis 7.2.4 here, whose scripts and commands it has.
    version = str(server.get("redis_version", ""))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers and numbers < OLDEST:
        found.append(f"the server is Redis {version}; the adapter needs 6.2 or later")
    policy = str(server.get("maxmemory_policy", ""))
    if policy.startswith("allkeys"):
        found.append(
            f"the server may evict users: maxmemory-policy is {policy}, and must be noeviction "
            "or volatile-ttl"
        )
    return found
