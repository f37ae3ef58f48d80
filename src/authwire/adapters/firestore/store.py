"""Requests to one database. A commit is atomic; its preconditions say how it ended."""

from __future__ import annotations

import inspect
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import anyio
from google.api_core.exceptions import Aborted, AlreadyExists, FailedPrecondition, NotFound
from google.cloud.firestore_v1 import AsyncClient
from google.cloud.firestore_v1.base_query import FieldFilter

__all__ = ["BATCH", "Refusal", "Store", "Write", "create", "delete", "drop", "update"]

BATCH: Final = 400
"""Documents in one commit; old limits of the service allow 500 writes."""
_TRIES: Final = 9
"""Of a commit that meets others at the same documents."""
Refusal = Literal["exists", "missing", "changed"]


@dataclass(frozen=True)
class Write:
    """One write of a commit."""

    add: Callable[[Any, Any], None]
    """Adds it to a batch of a client."""
    may_have_changed: bool = False
    """Whether it depends on what was read before."""


class Store:
    """A Firestore client of either colour."""

    def __init__(self, client: Any, prefix: str) -> None:
        self.client = client
        self.prefix = prefix
        self.is_async = isinstance(client, AsyncClient)

    def ref(self, collection: str, name: str) -> Any:
        return self.client.collection(f"{self.prefix}{collection}").document(name)

    async def get(self, ref: Any) -> Any | None:
        """A snapshot, if there is such a document."""
        snapshot = await self._done(ref.get())
        return snapshot if snapshot.exists else None

    async def find(
        self, collection: str, field: str, operator: str, value: Any, limit: int | None = None
    ) -> list[Any]:
        """Snapshots. Queries are as consistent as reads by id."""
        query = self.client.collection(f"{self.prefix}{collection}")
        query = query.where(filter=FieldFilter(field, operator, value))
        return list(await self._done((query if limit is None else query.limit(limit)).get()))

    async def commit(self, *writes: Write) -> Refusal | None:
        """All writes or none. None if they are done."""
        for attempt in range(1, _TRIES + 1):
            batch = self.client.batch()
            for write in writes:
                write.add(self.client, batch)
            try:
                await self._done(batch.commit())
            except Aborted:
                if attempt == _TRIES:
                    raise
            except AlreadyExists:
                return "exists"
            except NotFound:
                return "missing"
            except FailedPrecondition:
                # The service says this of databases in another mode as well.
                if not any(write.may_have_changed for write in writes):
                    raise
                return "changed"
            else:
                return None
            await self.pause(attempt)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def pause(self, attempt: int) -> None:
        longest = min(0.02 * 2**attempt, 1.0)
        seconds = random.uniform(0, longest)  # noqa: S311  # spreads retries, guards nothing
        if self.is_async:
            await anyio.sleep(seconds)
        else:
            time.sleep(seconds)  # noqa: ASYNC251  # with a sync client nothing here may suspend

    @staticmethod
    async def _done(answer: Any) -> Any:
        return await answer if inspect.isawaitable(answer) else answer


def create(ref: Any, document: dict[str, Any]) -> Write:
    """Refused as ``exists``."""
    return Write(lambda _client, batch: batch.create(ref, document))


def update(ref: Any, fields: dict[str, Any], seen: Any | None = None) -> Write:
    """Refused as ``missing``, or as ``changed`` if it is no more as it was seen."""
    if seen is None:
        return Write(lambda _client, batch: batch.update(ref, fields))
    return Write(lambda client, batch: batch.update(ref, fields, _as_seen(client, seen)), True)


def delete(seen: Any) -> Write:
    """Refused as ``missing`` or ``changed``."""
    return Write(lambda client, batch: batch.delete(seen.reference, _as_seen(client, seen)), True)


def drop(ref: Any) -> Write:
    """Delete whatever it has become."""
    return Write(lambda _client, batch: batch.delete(ref))


def _as_seen(client: Any, seen: Any) -> Any:
    return client.write_option(last_update_time=seen.update_time)
