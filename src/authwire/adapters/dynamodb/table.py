"""One table and its requests. Every read is strongly consistent, but for those of the index."""

from __future__ import annotations

import inspect
import random
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import anyio
from aiobotocore.client import AioBaseClient  # type: ignore[import-untyped]  # it ships no types
from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # it ships no types

from authwire.adapters.dynamodb.values import Item, dump

__all__ = [
    "INDEX",
    "TRANSACTION",
    "Table",
    "When",
    "assignments",
    "exists",
    "failed",
    "new",
    "without_failed",
]

INDEX: Final = "GSI1"
TRANSACTION: Final = 100
"""Items that one transaction may touch (the quotas page of DynamoDB)."""
_TRIES: Final = 9
"""Of a write that runs into a transaction of somebody else. They last milliseconds."""
_CONFLICTS: Final = {"TransactionConflictException", "TransactionInProgressException"}


@dataclass(frozen=True)
class When:
    """A condition; ``values`` are those of its ``:names``."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def request(self) -> dict[str, Any]:
        values = {f":{name}": dump(value) for name, value in self.values.items()}
        request: dict[str, Any] = {"ConditionExpression": self.text}
        return request | ({"ExpressionAttributeValues": values} if values else {})


new: Final = When("attribute_not_exists(pk)")
exists: Final = When("attribute_exists(pk)")


def failed(reason: Mapping[str, Any]) -> bool:
    """Whether this step's own condition stopped the transaction."""
    return reason.get("Code") == "ConditionalCheckFailed"


class Table:
    """Requests to one table, with a client of either colour."""

    def __init__(self, client: Any, name: str) -> None:
        self.client = client
        self.name = name
        self.is_async = isinstance(client, AioBaseClient)

    async def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """One request. A write that meets a running transaction is tried again.

        Raises:
            botocore.exceptions.ClientError: whatever else the service refuses.
        """
        for attempt in range(1, _TRIES + 1):
            try:
                answer = getattr(self.client, operation)(**request)
                done: dict[str, Any] = await answer if inspect.isawaitable(answer) else answer
            except ClientError as exc:
                if attempt == _TRIES or not _in_conflict(exc):
                    raise
            else:
                return done
            await self._pause(attempt)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def get(self, key: Item) -> Item | None:
        answer = await self.call("get_item", TableName=self.name, Key=key, ConsistentRead=True)
        return answer.get("Item")

    async def write(self, operation: str, when: When | None, **request: Any) -> Item | None:
        """One conditional write. None if the condition does not hold, else what it returns."""
        condition = when.request() if when else {}
        values = condition.get("ExpressionAttributeValues", {})
        if "ExpressionAttributeValues" in request:
            condition["ExpressionAttributeValues"] = values | request["ExpressionAttributeValues"]
        try:
            answer = await self.call(operation, TableName=self.name, **(request | condition))
        except ClientError as exc:
            if _code(exc) != "ConditionalCheckFailedException":
                raise
            return None
        attributes: Item = answer.get("Attributes", {})
        return attributes

    async def put(self, item: Item, when: When = new) -> bool:
        return await self.write("put_item", when, Item=item) is not None

    async def update(self, key: Item, fields: Item, when: When = exists) -> Item | None:
        """Set ``fields`` and return the whole item; None if ``when`` does not hold."""
        request = {"Key": key, "ReturnValues": "ALL_NEW", **assignments(fields)}
        return await self.write("update_item", when, **request)

    async def take(self, key: Item) -> Item | None:
        """Delete and return in one step."""
        return await self.write("delete_item", None, Key=key, ReturnValues="ALL_OLD") or None

    async def query(self, text: str, *, index: bool = False, **values: str) -> list[Item]:
        """All items for a key condition, however many pages they fill."""
        source = {"IndexName": INDEX} if index else {"ConsistentRead": True}
        names = {f":{name}": dump(value) for name, value in values.items()}
        condition = {"KeyConditionExpression": text, "ExpressionAttributeValues": names}
        pages = self._pages("query", **source, **condition)
        return [item async for page in pages for item in page]

    async def scan(self, text: str, **values: Any) -> AsyncIterator[list[Item]]:
        """The pages of the whole table, with the items for which ``text`` holds."""
        names = {f":{name}": dump(value) for name, value in values.items()}
        condition = {"FilterExpression": text, "ExpressionAttributeValues": names}
        async for page in self._pages("scan", ConsistentRead=True, **condition):
            yield page

    async def transact(self, *steps: Mapping[str, Any]) -> list[dict[str, Any]] | None:
        """All steps or none. None if they are done, else a reason for each step, see `failed`."""
        try:
            await self.call("transact_write_items", TransactItems=steps)
        except ClientError as exc:
            reasons = _reasons(exc)
            if not any(map(failed, reasons)):
                raise
            return reasons
        return None

    def step(
        self,
        kind: Literal["Put", "Update", "Delete", "ConditionCheck"],
        when: When | None = None,
        **request: Any,
    ) -> dict[str, Any]:
        """One item of a transaction."""
        condition = when.request() if when else {}
        if "ExpressionAttributeValues" in request and "ExpressionAttributeValues" in condition:
            condition["ExpressionAttributeValues"] |= request["ExpressionAttributeValues"]
        return {kind: {"TableName": self.name, **request, **condition}}

    async def delete_each(self, keys: Iterable[Item], when: When) -> int:
        """Delete those for which ``when`` holds, a hundred in each transaction; says how many."""
        waiting, count = list(keys), 0
        while waiting:
            batch, waiting = waiting[:TRANSACTION], waiting[TRANSACTION:]
            reasons = await self.transact(*(self.step("Delete", when, Key=key) for key in batch))
            if reasons is None:
                count += len(batch)
            else:
                waiting[:0] = without_failed(batch, reasons)
        return count

    async def _pages(self, operation: str, **request: Any) -> AsyncIterator[list[Item]]:
        while True:
            answer = await self.call(operation, TableName=self.name, **request)
            yield answer["Items"]
            if not answer.get("LastEvaluatedKey"):
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    async def _pause(self, attempt: int) -> None:
        longest = min(0.01 * 2**attempt, 1.0)
        seconds = random.uniform(0, longest)  # noqa: S311  # spreads retries, guards nothing
        if self.is_async:
            await anyio.sleep(seconds)
        else:
            time.sleep(seconds)  # noqa: ASYNC251  # with a sync client nothing here may suspend


def assignments(fields: Item) -> dict[str, Any]:
    """The request for an update that sets ``fields``."""
    return {
        "UpdateExpression": "SET " + ", ".join(f"#f{n} = :f{n}" for n in range(len(fields))),
        "ExpressionAttributeNames": {f"#f{n}": name for n, name in enumerate(fields)},
        "ExpressionAttributeValues": {f":f{n}": value for n, value in enumerate(fields.values())},
    }


def without_failed(keys: Sequence[Item], reasons: Sequence[Mapping[str, Any]]) -> list[Item]:
    """The keys of those steps that would have gone through."""
    return [key for key, reason in zip(keys, reasons, strict=False) if not failed(reason)]


def _code(exc: ClientError) -> str:
    return str(exc.response.get("Error", {}).get("Code", ""))


def _reasons(exc: ClientError) -> list[dict[str, Any]]:
    return list(exc.response.get("CancellationReasons", ()))


def _in_conflict(exc: ClientError) -> bool:
    """Whether nothing but another transaction stood in the way."""
    if _code(exc) != "TransactionCanceledException":
        return _code(exc) in _CONFLICTS
    codes = {reason.get("Code") for reason in _reasons(exc)}
    return "TransactionConflict" in codes and codes <= {"TransactionConflict", "None", None}
