"""The rows of one kind, each a document of its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from authwire.adapters._rules import NO_SUCH_USER, taken
from authwire.adapters.firestore.documents import TOUCHED, Rows, digest
from authwire.adapters.firestore.store import BATCH, Store, create, delete, drop, update
from authwire.errors import AdapterError

__all__ = ["ATTEMPTS", "RESTLESS", "Owned"]

V = TypeVar("V")
ATTEMPTS: Final = 20
"""At what others change at the same time."""
RESTLESS: Final = "the row is being changed by others all the time"


class Owned(Generic[V]):
    """Rows that belong to users."""

    def __init__(self, store: Store, model: type[V], collection: str, message: str) -> None:
        self._store = store
        self._rows = Rows(model)
        self._collection = collection
        self._message = message

    async def create(self, value: V, owner: Any, *names: str) -> V:
        """Store a row under ``names``, if the document ``owner`` is there.

        That is changed too, so that it cannot be deleted meanwhile.

        Raises:
            AdapterError: if the names are taken, or there is no such owner.
        """
        document = self._rows.dump(value)
        touch = update(owner, {TOUCHED: secrets.token_hex(8)})
        if await self._store.commit(create(self._ref(*names), document), touch):
            there = await self._store.get(owner)
            raise taken(NO_SUCH_USER if there is None else self._message)
        return self._rows.load(document)

    async def get(self, *names: str) -> V | None:
        found = await self._store.get(self._ref(*names))
        return None if found is None else self._rows.load(found.to_dict())

    async def of(self, user_id: str) -> list[Any]:
        """Snapshots of the rows of a user."""
        return await self._store.find(self._collection, "user_id", "==", user_id)

    async def list(self, user_id: str) -> list[V]:
        return [self._rows.load(found.to_dict()) for found in await self.of(user_id)]

    async def update(self, change: Callable[[V], V], *names: str) -> V | None:
        """Replace a row by what ``change`` makes of it; None if there is none."""
        for _ in range(ATTEMPTS):
            found = await self._store.get(self._ref(*names))
            if found is None:
                return None
            document = self._rows.dump(change(self._rows.load(found.to_dict())))
            if not await self._store.commit(update(found.reference, document, found)):
                return self._rows.load(document)
        raise AdapterError(RESTLESS)

    async def drop(self, *names: str) -> None:
        await self._store.commit(drop(self._ref(*names)))

    async def take(self, *names: str) -> V | None:
        """Delete and return a row; of many at once one gets it."""
        for _ in range(ATTEMPTS):
            found = await self._store.get(self._ref(*names))
            if found is None:
                return None
            if not await self._store.commit(delete(found)):
                return self._rows.load(found.to_dict())
        raise AdapterError(RESTLESS)

    async def clear(self, user_id: str, keep: str | None = None) -> int:
        """Delete the rows of a user, but for the one of the name ``keep``; says how many."""
        kept, count = None if keep is None else digest(keep), 0
        for _ in range(ATTEMPTS):
            gone = [row for row in await self.of(user_id) if row.id != kept]
            while gone:
                batch, gone = gone[:BATCH], gone[BATCH:]
                if await self._store.commit(*map(delete, batch)):
                    break  # somebody else was faster with one of them
                count += len(batch)
            else:
                return count
        raise AdapterError(RESTLESS)

    async def delete_expired(self, now: datetime, limit: int | None = None) -> int:
        """Delete rows whose ``expires`` is over; says how many."""
        count, failures = 0, 0
        while failures < ATTEMPTS:
            room = BATCH if limit is None else min(BATCH, limit - count)
            if room <= 0:
                return count
            found = await self._store.find(self._collection, "expires", "<", now, room)
            if found and await self._store.commit(*map(delete, found)):
                failures += 1  # one of them was changed meanwhile
                continue
            count += len(found)
            if len(found) < room:
                return count
        raise AdapterError(RESTLESS)

    def _ref(self, *names: str) -> Any:
        return self._store.ref(self._collection, digest(*names))
