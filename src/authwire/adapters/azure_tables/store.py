"""Requests to one table. A write says how it ended; only what is no answer is raised."""

from __future__ import annotations

import inspect
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import anyio
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.data.tables import TableErrorCode, TableTransactionError, UpdateMode
from azure.data.tables.aio import TableClient as AsyncTableClient

from authwire.adapters.azure_tables.entities import Entity

__all__ = ["BATCH", "Step", "Store", "Written", "create", "delete", "remove", "replace", "touch"]

BATCH: Final = 100
"""Entities of one partition that one transaction may touch."""
Step = tuple[Any, ...]
Refusal = Literal["exists", "missing", "changed"]
_REFUSALS: Final[Mapping[str, Refusal]] = {
    TableErrorCode.ENTITY_ALREADY_EXISTS: "exists",
    TableErrorCode.RESOURCE_NOT_FOUND: "missing",
    TableErrorCode.ENTITY_NOT_FOUND: "missing",
    TableErrorCode.UPDATE_CONDITION_NOT_SATISFIED: "changed",
    TableErrorCode.CONDITION_NOT_MET: "changed",
}


@dataclass(frozen=True)
class Written:
    """How a transaction ended."""

    refused: Refusal | None = None
    etags: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        return self.refused is None


class Store:
    """A table client of either colour."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.is_async = isinstance(client, AsyncTableClient)

    async def get(self, partition: str, row: str) -> Entity | None:
        try:
            answer = self.client.get_entity(partition, row)
            found: Entity = await answer if inspect.isawaitable(answer) else answer
        except ResourceNotFoundError as exc:
            # A missing table is a fault, not a missing row.
            if _REFUSALS.get(_code(exc)) != "missing":
                raise
            return None
        return found

    async def select(self, text: str, **parameters: Any) -> AsyncGenerator[Entity, None]:
        """The entities for a filter, page by page."""
        found = self.client.query_entities(text, parameters=parameters)
        if self.is_async:
            async for entity in found:
                yield entity
        else:
            for entity in found:
                yield entity

    async def commit(self, *steps: Step) -> Written:
        """All steps or none; they must be of one partition.

        Single writes go this way too: the driver's own method for deleting does not tell whether there
        was anything to delete.
        """
        try:
            answer = self.client.submit_transaction(steps)
            done = await answer if inspect.isawaitable(answer) else answer
        except TableTransactionError as exc:
            refused = _REFUSALS.get(_code(exc))
            if refused is None:
                raise
            return Written(refused)
        return Written(etags=tuple(str(item.get("etag")) for item in done))

    async def pause(self, seconds: float) -> None:
        if self.is_async:
            await anyio.sleep(seconds)
        else:
            time.sleep(seconds)  # noqa: ASYNC251  # with a sync client nothing here may suspend


def create(entity: Entity) -> Step:
    """Refused as ``exists``."""
    return ("create", entity)


def replace(entity: Entity, seen: Entity) -> Step:
    """Put ``entity`` where ``seen`` still is; refused as ``missing`` or ``changed``."""
    return ("update", entity, {"mode": UpdateMode.REPLACE, **_unchanged(seen)})


def touch(entity: Entity, seen: Entity | None = None) -> Step:
    """Change nothing but the ETag, so that whoever has seen the old one cannot write any more."""
    keys = {name: entity[name] for name in ("PartitionKey", "RowKey")}
    return ("update", keys, {"mode": UpdateMode.MERGE, **(_unchanged(seen) if seen else {})})


def delete(seen: Entity) -> Step:
    """Refused as ``missing`` or ``changed``."""
    return ("delete", seen, _unchanged(seen))


def remove(seen: Entity) -> Step:
    """Whatever it has become; refused as ``missing``."""
    return ("delete", {name: seen[name] for name in ("PartitionKey", "RowKey")})


def _unchanged(seen: Any) -> dict[str, Any]:
    etag = seen.metadata["etag"]
    return {"etag": etag, "match_condition": MatchConditions.IfNotModified}


def _code(exc: HttpResponseError) -> Any:
    """A `TableErrorCode`, or as text what is none."""
    return getattr(exc, "error_code", None)
