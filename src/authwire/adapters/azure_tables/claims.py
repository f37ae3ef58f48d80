"""Values that belong to one user each, across partitions that no transaction spans.

A claim says whose a value is. It holds only if the row that it leads to is there and has that value:
that row is written after the claim, and deleted before it. So a claim that was left half-way is a claim
for nothing, which nobody sees, and whoever wants the value takes it over:

1. They read the claim, then the row, and find that the claim does not hold.
2. They change the ETag of that row, or put a stone (``gone``) where it would be. A writer that is
   still under way has claimed before it, so its write is refused now.
3. They replace the claim, if it is as it was read.

A writer that is refused starts with the claim again and writes that anew, even if it is its own: so
whoever read it earlier cannot replace it any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from authwire.adapters._rules import taken
from authwire.adapters.azure_tables.entities import Entity
from authwire.adapters.azure_tables.keys import CLAIM, home
from authwire.adapters.azure_tables.store import (
    Step,
    Store,
    Written,
    create,
    delete,
    replace,
    touch,
)
from authwire.errors import AdapterError

__all__ = ["ATTEMPTS", "RESTLESS", "Claims", "alive"]

ATTEMPTS: Final = 20
"""At what others change at the same time."""
RESTLESS: Final = "the row is being changed by others all the time"
_PAUSES: Final = (0.05, 0.1, 0.2, 0.4)
"""Seconds that somebody else gets to finish before their claim is taken over."""
Holds = Callable[[Entity | None], bool]


def alive(row: Entity | None) -> bool:
    """Whether there is a row, and no stone."""
    return row is not None and not row.get("gone")


class Claims:
    """The claims of one table."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, key: str) -> Entity | None:
        return await self._store.get(key, CLAIM)

    async def write(
        self,
        key: str,
        user_id: str,
        row: Entity,
        message: str,
        *guards: Step,
        holds: Holds = alive,
    ) -> Written:
        """Claim a value and write its new row along with ``guards``.

        Refused as ``exists`` if there is such a row, or as one of the guards is.

        Raises:
            AdapterError: with ``message`` if somebody else has the value.
        """
        stone = None
        for _ in range(ATTEMPTS):
            await self.take(key, user_id, row["RowKey"], message, holds)
            step = create(row) if stone is None else replace(row, stone)
            written = await self._store.commit(*guards, step)
            if written.done or written.refused == "missing":
                return written
            stone = await self._store.get(row["PartitionKey"], row["RowKey"])
            if alive(stone):
                return Written("exists")
        raise AdapterError(RESTLESS)

    async def take(
        self, key: str, user_id: str, row_key: str, message: str, holds: Holds = alive
    ) -> None:
        """Write the claim for a user, before their row.

        Raises:
            AdapterError: with ``message`` if somebody else has the value.
        """
        entity = {"PartitionKey": key, "RowKey": CLAIM, "user_id": user_id}
        for _ in range(ATTEMPTS):
            if (await self._store.commit(create(entity))).done:
                return
            found = await self.get(key)
            if found is None:
                continue
            owner = found["user_id"]
            if owner != user_id:
                row = await self._settled(owner, row_key, holds)
                if holds(row):
                    raise taken(message)
                if not await self._stop(owner, row_key, row):
                    continue
            if (await self._store.commit(replace(entity, found))).done:
                return
        raise AdapterError(RESTLESS)

    async def of(self, user_id: str, keys: Iterable[str]) -> list[Entity]:
        """Those of the claims that are this user's. Read them before deleting what they lead to."""
        found = [await self.get(key) for key in keys]
        return [claim for claim in found if claim is not None and claim["user_id"] == user_id]

    async def drop(self, claims: Iterable[Entity]) -> None:
        """Delete claims of rows that are gone, unless they have changed since they were read."""
        for claim in claims:
            await self._store.commit(delete(claim))

    async def _settled(self, owner: str, row_key: str, holds: Holds) -> Entity | None:
        for seconds in _PAUSES:
            row = await self._store.get(home(owner), row_key)
            if holds(row):
                return row
            await self._store.pause(seconds)
        return await self._store.get(home(owner), row_key)

    async def _stop(self, owner: str, row_key: str, row: Entity | None) -> bool:
        if row is not None:
            return (await self._store.commit(touch(row, row))).done
        stone = {"PartitionKey": home(owner), "RowKey": row_key, "gone": True}
        return (await self._store.commit(create(stone))).done
