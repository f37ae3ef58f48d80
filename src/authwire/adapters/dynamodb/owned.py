"""Rows that belong to a user: accounts, sessions and passkeys. The index lists them by user."""

from __future__ import annotations

from typing import Any, Final

from authwire.adapters._rules import NO_SUCH_USER, taken
from authwire.adapters.dynamodb import keys
from authwire.adapters.dynamodb.table import (
    TRANSACTION,
    Table,
    When,
    exists,
    failed,
    new,
    without_failed,
)
from authwire.adapters.dynamodb.values import Item, named

__all__ = ["Owned"]

_MINE: Final = "GSI1PK = :user"
_RANK: Final = (keys.SESSION, keys.AUTHENTICATOR, keys.ACCOUNT)
"""The order in which rows of a user go: what lets them in at once first."""


class Owned:
    """The index may lag behind by moments; the conditions of writes never do."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def add(self, item: Item, user_id: str, message: str) -> None:
        """Put a new row, if its user exists. A row that a deleted user left behind is replaced.

        Raises:
            AdapterError: with ``message`` if the key is taken, or if there is no such user.
        """
        row = item | {"GSI1PK": {"S": named("USER", user_id)}, "GSI1SK": item["pk"]}
        reasons = await self._put(row, new, user_id)
        if reasons and failed(reasons[0]) and not failed(reasons[1]):
            owner = reasons[0].get("Item", {}).get("user_id", {}).get("S", user_id)
            if owner != user_id:
                left_behind = When("user_id = :owner", {"owner": owner})
                reasons = await self._put(row, left_behind, user_id, gone=owner)
        if reasons:
            raise taken(NO_SUCH_USER if failed(reasons[1]) else message)

    async def items(self, user_id: str, kind: str = "") -> list[Item]:
        """The rows of a user, of one kind or all, as the index knows them."""
        mine = {"user": named("USER", user_id)}
        if not kind:
            return await self._table.query(_MINE, index=True, **mine)
        condition = f"{_MINE} AND begins_with(GSI1SK, :kind)"
        return await self._table.query(condition, index=True, kind=kind, **mine)

    async def keys(self, user_id: str, kind: str = "") -> list[Item]:
        """Their keys, in the order in which they are to go."""
        items = await self.items(user_id, kind)
        items.sort(key=lambda item: _rank(item["pk"]["S"]))
        return [{name: item[name] for name in ("pk", "sk")} for item in items]

    async def delete(self, user_id: str, kind: str = "", *, keep: Item | None = None) -> int:
        """Delete the rows of a user; says how many."""
        gone = [key for key in await self.keys(user_id, kind) if key != keep]
        # A lagging index may still list what has another owner by now.
        return await self._table.delete_each(gone, When("user_id = :owner", {"owner": user_id}))

    async def delete_with(self, user_id: str, last: list[dict[str, Any]]) -> bool:
        """Delete the rows of a user and do the steps ``last`` along with the last rows.

        False if a condition of ``last`` does not hold; some rows may be gone then.
        """
        rows = await self.keys(user_id)
        room = TRANSACTION - len(last)
        mine = When("user_id = :owner", {"owner": user_id})
        await self._table.delete_each(rows[:-room], mine)
        rows = rows[-room:]
        while True:
            steps = [self._table.step("Delete", mine, Key=key) for key in rows]
            reasons = await self._table.transact(*steps, *last)
            if reasons is None or any(map(failed, reasons[len(rows) :])):
                return reasons is None
            rows = without_failed(rows, reasons)

    async def _put(
        self, row: Item, when: When, user_id: str, *, gone: str | None = None
    ) -> list[dict[str, Any]] | None:
        put = self._table.step("Put", when, Item=row, ReturnValuesOnConditionCheckFailure="ALL_OLD")
        check = self._table.step("ConditionCheck", exists, Key=keys.user(user_id))
        steps = [put, check]
        if gone is not None:
            steps.append(self._table.step("ConditionCheck", new, Key=keys.user(gone)))
        return await self._table.transact(*steps)


def _rank(pk: str) -> int:
    return next((n for n, kind in enumerate(_RANK) if pk.startswith(kind)), len(_RANK))
