"""Addresses belong to one user each: a row claims one, in the same transaction as its user's."""

from __future__ import annotations

from typing import Any, Generic

from authwire.adapters._rules import EMAIL_TAKEN, taken
from authwire.adapters.dynamodb import keys
from authwire.adapters.dynamodb.table import Table, When, assignments, failed, new
from authwire.adapters.dynamodb.values import Item, dump
from authwire.models import U

__all__ = ["Emails"]


class Emails(Generic[U]):
    """Steps of transactions that keep users and claims in line."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def claim(self, email: str, user_id: str) -> dict[str, Any]:
        item = keys.email(email) | {"user_id": dump(user_id)}
        return self._table.step("Put", new, Item=item)

    def release(self, email: str, user_id: str) -> dict[str, Any]:
        mine = When("attribute_not_exists(pk) OR user_id = :owner", {"owner": user_id})
        return self._table.step("Delete", mine, Key=keys.email(email))

    async def move(self, user: U, email: str | None, fields: Item) -> bool:
        """Change the user with the address. False if the user is not as it was.

        Raises:
            AdapterError: if the e-mail is taken.
        """
        when = When("email = :old", {"old": user.email})
        key = keys.user(user.id)
        steps = [self._table.step("Update", when, Key=key, **assignments(fields))]
        if user.email is not None:
            steps.append(self.release(user.email, user.id))
        if email is not None:
            steps.append(self.claim(email, user.id))
        reasons = await self._table.transact(*steps)
        if reasons and email is not None and failed(reasons[-1]) and not failed(reasons[0]):
            raise taken(EMAIL_TAKEN)
        return reasons is None

    def removal(self, user: U) -> list[dict[str, Any]]:
        """Delete the user, as long as it has the address that it was seen with."""
        when = When("email = :old", {"old": user.email})
        steps = [self._table.step("Delete", when, Key=keys.user(user.id))]
        return steps if user.email is None else [*steps, self.release(user.email, user.id)]
