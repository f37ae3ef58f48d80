"""Keys, scripts and pointers: what lies between the adapter and the client."""

from __future__ import annotations

import inspect
import time
from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import quote

import redis
import redis.asyncio
from redis.asyncio.cluster import RedisCluster as AsyncRedisCluster
from redis.exceptions import NoScriptError

from authwire.adapters.redis.scripts import (
    CLAIM,
    DROP,
    FIND,
    FORGET,
    PUT,
    RELEASE,
    SWAP,
    Script,
)

__all__ = ["Client", "Found", "Outcome", "Store", "account_name", "owner_of"]

# redis-py's clients are generic in its newer stubs only.
Client = Any
"""``redis.Redis``, ``redis.RedisCluster`` or one of the same names in ``redis.asyncio``."""
Outcome = Literal["ok", "user", "name", "late", "changed"]
"""What came of a write: ``user`` if one is missing or in the way, ``name`` if a name is taken."""

_ASYNC: Final = (redis.asyncio.Redis, AsyncRedisCluster)
_CLUSTER: Final = (redis.RedisCluster, AsyncRedisCluster)


def account_name(provider: str, account_id: str) -> str:
    """The name of an account. No two pairs have the same one: the first half has no colon."""
    return f"account:{quote(provider, safe='')}:{account_id}"


class Found(NamedTuple):
    """What a pointer led to."""

    owner: str
    pointer: str
    """What the pointer says; it says something else as soon as it is claimed anew."""
    user: str
    value: str


class _Claim(NamedTuple):
    stamp: str
    fresh: bool
    """Whether the pointer was not this owner's before."""


class Store:
    """A client and the keys below a prefix.

    Args:
        client: see `Client`.
        prefix: of all keys.
        split: whether the keys of different users lie on different servers. Default: what the
            client says.

    Raises:
        TypeError: if it is no client of redis-py.
    """

    def __init__(self, client: Client, prefix: str, *, split: bool | None = None) -> None:
        if not isinstance(client, (redis.Redis, redis.RedisCluster, *_ASYNC)):
            raise TypeError(
                f"expected a Redis or RedisCluster of redis-py, not {type(client).__name__}"
            )
        self._client: Any = client
        self.waits = isinstance(client, _ASYNC)
        self.split = isinstance(client, _CLUSTER) if split is None else split
        self.prefix = prefix
        self.mode = ("0" if self.split else "1", prefix)
        """The first two arguments of most scripts."""

    # --- commands -------------------------------------------------------------------------------

    async def command(self, *parts: Any, **options: Any) -> Any:
        """Send one command and return its answer, with text decoded."""
        encoded = [_encoded(part) for part in parts]
        answer = self._client.execute_command(parts[0], *encoded[1:], **options)
        return _decoded(await answer if inspect.isawaitable(answer) else answer)

    async def run(self, script: Script, keys: Sequence[str], *arguments: str) -> Any:
        """Run a script; a server that does not know it yet gets its text."""
        rest = (len(keys), *keys, *arguments)
        try:
            return await self.command("EVALSHA", script.digest, *rest)
        except NoScriptError:
            pass
        return await self.command("EVAL", script.body, *rest)

    # --- keys -----------------------------------------------------------------------------------

    def key(self, name: str) -> str:
        return self.prefix + name

    def user_key(self, user_id: str) -> str:
        """The hash. What is in the braces decides the slot, the same for all keys of a user."""
        return f"{self.prefix}{{user:{user_id}}}"

    def sessions_key(self, user_id: str) -> str:
        return f"{self.user_key(user_id)}:sessions"

    # --- single steps ---------------------------------------------------------------------------

    async def fields(self, user_id: str) -> dict[str, str]:
        """All that a user's hash has."""
        answer = await self.command("HGETALL", self.user_key(user_id))
        if isinstance(answer, dict):
            return answer
        return dict(zip(answer[::2], answer[1::2], strict=True))

    async def point(self, key: str, owner: str, expiry: str) -> bool:
        """Make a pointer that expires, unless there is one."""
        says = f"{time.time_ns() // 1000} {owner}"
        return bool(await self.command("SET", key, says, "PXAT", expiry, "NX"))

    async def servers(self) -> list[dict[str, Any]]:
        """What each server says of itself."""
        if not isinstance(self._client, _CLUSTER):
            return [await self.command("INFO")]
        answer = await self.command("INFO", target_nodes="primaries")
        several = all(isinstance(part, dict) for part in answer.values())
        return list(answer.values()) if several else [answer]

    # --- by name --------------------------------------------------------------------------------

    async def find(self, name: str) -> Found | None:
        """Follow a pointer to its user and to what the user has under that name."""
        if not self.split:
            found = await self.run(FIND, [self.key(name)], self.prefix, name)
            return None if found is None else Found(owner_of(found[0]), *found)
        pointer = await self.command("GET", self.key(name))
        if pointer is None:
            return None
        owner = owner_of(pointer)
        user, value = await self.command("HMGET", self.user_key(owner), "user", name)
        if user is None or value is None:
            return None
        return Found(owner, pointer, user, value)

    async def put(
        self,
        owner: str,
        rule: Literal["present", "absent"],
        name: str,
        fields: Sequence[str],
    ) -> Outcome:
        """Add fields to a user's hash, under a name that nobody has."""
        claim = await self._claim(name, owner)
        if claim is None:
            return "name"
        arguments = (*self.mode, rule, owner, name, claim.stamp, *fields)
        outcome: Outcome = await self.run(PUT, [self.user_key(owner)], *arguments)
        return await self._settled(outcome, name, owner, claim)

    async def swap(
        self, owner: str, field: str, old: str, new: str, *, take: str = "", free: str = ""
    ) -> Outcome:
        """Replace a field that still has the value ``old``; take a name and free another with it."""
        claim = await self._claim(take, owner)
        if claim is None:
            return "name"
        arguments = (*self.mode, owner, field, old, new, take, claim.stamp, free)
        outcome: Outcome
        outcome, freed = await self.run(SWAP, [self.user_key(owner)], *arguments)
        if self.split and freed:
            await self._release(free, owner, freed)
        return await self._settled(outcome, take, owner, claim)

    async def drop(self, name: str) -> str | None:
        """Delete what is under a name, and return it."""
        pointer = await self.command("GET", self.key(name))
        if pointer is None:
            return None
        owner = owner_of(pointer)
        value: str | None = await self.run(DROP, [self.user_key(owner)], *self.mode, owner, name)
        if self.split:
            await self._release(name, owner, pointer)
        return value

    async def forget(self, owner: str) -> None:
        """Delete a user with all that belongs to them. Once more finishes what failed half-way."""
        unfinished = f"{self.user_key(owner)}:names"
        keys = [self.user_key(owner), self.sessions_key(owner), unfinished]
        names = await self.run(FORGET, keys, *self.mode, owner)
        if names:
            for name in names:
                await self._release(name, owner)
            await self.command("DEL", unfinished)

    # --- pointers of a cluster ------------------------------------------------------------------

    async def _claim(self, name: str, owner: str) -> _Claim | None:
        """Claim a name before it is used. On a single server the script that uses it does that."""
        if not (self.split and name):
            return _Claim("", fresh=False)
        key = [self.key(name)]
        state, says = await self.run(CLAIM, key, owner, "")
        if state == "held":
            if await self.command("HEXISTS", self.user_key(owner_of(says)), name):
                return None
            state, says = await self.run(CLAIM, key, owner, says)
        return None if state == "held" else _Claim(says, fresh=state == "new")

    async def _settled(self, outcome: Outcome, name: str, owner: str, claim: _Claim) -> Outcome:
        # Not done if the write failed: it may have been carried out all the same.
        if outcome != "ok" and claim.fresh:
            await self._release(name, owner, claim.stamp)
        return outcome

    async def _release(self, name: str, owner: str, says: str = "") -> None:
        await self.run(RELEASE, [self.key(name)], owner, says)


def owner_of(pointer: str) -> str:
    """Whom a pointer names."""
    return pointer.partition(" ")[2]


def _encoded(part: Any) -> Any:
    # A token from a cookie may be anything; one that is no valid text is just unknown.
    return part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part


def _decoded(answer: Any) -> Any:
    if isinstance(answer, bytes):
        return answer.decode("utf-8", "surrogatepass")
    if isinstance(answer, list):
        return [_decoded(part) for part in answer]
    if isinstance(answer, dict):
        return {_decoded(key): _decoded(value) for key, value in answer.items()}
    return answer
