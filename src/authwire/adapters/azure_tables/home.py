"""The partition of a user: the user and the rows that are theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from authwire.adapters._rules import NO_SUCH_USER, taken
from authwire.adapters.azure_tables import keys
from authwire.adapters.azure_tables.claims import ATTEMPTS, RESTLESS, Claims, alive
from authwire.adapters.azure_tables.entities import Entities, Entity
from authwire.adapters.azure_tables.keys import USER, home, key
from authwire.adapters.azure_tables.store import BATCH, Step, Store, delete, remove, replace, touch
from authwire.errors import AdapterError

__all__ = ["Home", "Owned"]

V = TypeVar("V")
_RANK: Final = (keys.SESSION, keys.PASSKEY, keys.ACCOUNT)
"""The order in which rows of a user go: what lets them in at once first."""


class Home:
    """What holds for all that lies in partitions of users."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.claims = Claims(store)

    async def rows(self, user_id: str, kind: str = "") -> list[Entity]:
        """What lies in the partition of a user, in the order in which it is to go."""
        text = f"PartitionKey eq '{home(user_id)}'"
        if kind:
            text += f" and RowKey ge '{kind}-' and RowKey lt '{kind}.'"
        found = [row async for row in self.store.select(text) if alive(row)]
        return sorted(found, key=_rank)

    async def delete(
        self, user_id: str, rows: Sequence[Entity], *steps: Step, also: str | None = None
    ) -> bool:
        """Do ``steps``, or delete the rows however they are, and then delete their claims.

        Args:
            user_id: whose they are.
            rows: at most a hundred.
            steps: what to do instead of deleting the rows one by one.
            also: the claim of the user's own, if that goes too.
        """
        names = [row["RowKey"] for row in rows] + ([also] if also else [])
        claims = await self.claims.of(user_id, names)
        done = (await self.store.commit(*(steps or map(remove, rows)))).done
        if done:
            await self.claims.drop(claims)
        return done

    async def delete_each(self, user_id: str, rows: Sequence[Entity]) -> int:
        """Delete rows, a hundred in each transaction; says how many until one of them was missing."""
        for start in range(0, len(rows), BATCH):
            if not await self.delete(user_id, rows[start : start + BATCH]):
                return start
        return len(rows)

    async def delete_user(self, user_id: str, claim_of: Callable[[Entity], str | None]) -> None:
        """Delete the user, along with the last 99 rows. See `AzureTablesAdapter.delete_user`."""
        for _ in range(ATTEMPTS):
            rows = await self.rows(user_id)
            user = next((row for row in rows if row["RowKey"] == USER), None)
            if user is None:
                return
            rows.remove(user)
            early, late = rows[: 1 - BATCH], rows[1 - BATCH :]
            if await self.delete_each(user_id, early) < len(early):
                continue
            steps = [delete(user), *map(remove, late)]
            if await self.delete(user_id, late, *steps, also=claim_of(user)):
                return
        raise AdapterError(RESTLESS)


def _rank(row: Entity) -> int:
    kind = row["RowKey"].partition("-")[0]
    return _RANK.index(kind) if kind in _RANK else len(_RANK)


class Owned(Generic[V]):
    """The rows of one kind: a claim leads to the user's partition, where the row itself is."""

    def __init__(self, home: Home, model: type[V], kind: str, message: str) -> None:
        self._home = home
        self._store = home.store
        self._claims = home.claims
        self._entities = Entities(model)
        self._kind = kind
        self._message = message

    async def create(self, value: V, user_id: str, *names: str) -> V:
        """Store a row under ``names``.

        Raises:
            AdapterError: if the names are taken, or there is no such user.
        """
        claim = key(self._kind, *names)
        keys = {"PartitionKey": home(user_id), "RowKey": claim}
        row = keys | self._entities.dump(value)
        # Changing the user too makes sure that there is one, and that it is not being deleted.
        there = touch(keys | {"RowKey": USER})
        written = await self._claims.write(claim, user_id, row, self._message, there)
        if written.refused == "missing":
            await self._claims.drop(await self._claims.of(user_id, [claim]))
            raise taken(NO_SUCH_USER)
        if not written.done:
            raise taken(self._message)
        return self._entities.load(row)

    async def get(self, *names: str) -> V | None:
        found = await self._find(*names)
        return None if found is None else self._entities.load(found[1])

    async def get_with_user(self, *names: str) -> tuple[V, Entity] | None:
        """A row and its user."""
        claim = await self._claims.get(key(self._kind, *names))
        if claim is None:
            return None
        partition, row_key = home(claim["user_id"]), claim["PartitionKey"]
        text = f"PartitionKey eq '{partition}' and ( RowKey eq '{USER}' or RowKey eq '{row_key}' )"
        found = {row["RowKey"]: row async for row in self._store.select(text)}
        row, user = found.get(row_key), found.get(USER)
        if row is None or user is None or not (alive(row) and alive(user)):
            return None
        return self._entities.load(row), user

    async def list(self, user_id: str) -> list[V]:
        return [self._entities.load(row) for row in await self._home.rows(user_id, self._kind)]

    async def update(self, change: Callable[[V], V], *names: str) -> V | None:
        """Replace a row by what ``change`` makes of it; None if there is none."""
        for _ in range(ATTEMPTS):
            found = await self._find(*names)
            if found is None:
                return None
            new = change(self._entities.load(found[1]))
            entity = self._entities.update(found[1], new)
            if (await self._store.commit(replace(entity, found[1]))).done:
                return self._entities.load(entity)
        raise AdapterError(RESTLESS)

    async def take(self, *names: str) -> V | None:
        """Delete and return a row; of many at once one gets it."""
        for _ in range(ATTEMPTS):
            found = await self._find(*names)
            if found is None:
                return None
            claim, row = found
            if (await self._store.commit(delete(row))).done:
                await self._claims.drop([claim])
                return self._entities.load(row)
        raise AdapterError(RESTLESS)

    async def remove(self, row: Entity) -> bool:
        """Delete a row if it is as it was seen."""
        return await self._home.delete(row["user_id"], [row], delete(row))

    async def clear(self, user_id: str, keep: str | None = None) -> int:
        """Delete the rows of a user, but for the one of the name ``keep``; says how many."""
        kept, count = None if keep is None else key(self._kind, keep), 0
        for _ in range(ATTEMPTS):
            rows = await self._home.rows(user_id, self._kind)
            gone = [row for row in rows if row["RowKey"] != kept]
            deleted = await self._home.delete_each(user_id, gone)
            count += deleted
            if deleted == len(gone):
                return count
        raise AdapterError(RESTLESS)

    async def _find(self, *names: str) -> tuple[Entity, Entity] | None:
        """The claim and the row."""
        claim = await self._claims.get(key(self._kind, *names))
        if claim is None:
            return None
        row = await self._store.get(home(claim["user_id"]), claim["PartitionKey"])
        return None if row is None or not alive(row) else (claim, row)
