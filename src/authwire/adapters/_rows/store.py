"""Running statements on the connection that an ORM brings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, TypeVar

from authwire.adapters._rows.schema import index, lacking, look, missing_indexes
from authwire.adapters._rows.sql import Rows, Statement
from authwire.adapters._rows.tables import Tables
from authwire.adapters._rules import NO_SUCH_USER, taken
from authwire.models import U

__all__ = ["RowStore"]

V = TypeVar("V")


class RowStore(ABC, Generic[U]):
    """What an ORM must bring, and what is made of it."""

    @abstractmethod
    def _tables(self) -> Tables[U]:
        """The tables, once the ORM knows them."""

    @abstractmethod
    async def _fetch(self, statement: Statement) -> Sequence[Sequence[Any]]:
        """Run a statement that returns rows."""

    @abstractmethod
    async def _execute(self, statement: Statement) -> int:
        """Run a statement that returns none; how many rows it touched, if it was a DELETE."""

    @abstractmethod
    def _transaction(self) -> AbstractAsyncContextManager[Any]:
        """Let all statements inside take effect together, or none."""

    @abstractmethod
    def _is_refusal(self, error: Exception) -> bool:
        """Whether a constraint refused the row."""

    @abstractmethod
    async def _create_table(self, table: Rows[Any]) -> None:
        """Create a table that is missing, as the ORM describes it."""

    # --- schema ---------------------------------------------------------------------------------

    async def create_schema(self) -> None:
        """Create the tables and indexes that are missing. For changes of tables, use migrations."""
        for table in self._tables().all():
            live = await look(table, self._fetch)
            if not live.columns:
                await self._create_table(table)
                live = await look(table, self._fetch)
            for unique, columns in missing_indexes(table, live):
                await self._execute(index(table, unique, columns))

    async def check_schema(self) -> list[str]:
        """What the database lacks, a sentence each."""
        return [
            sentence
            for table in self._tables().all()
            for sentence in lacking(table, await look(table, self._fetch))
        ]

    # --- running statements ---------------------------------------------------------------------

    async def _find(self, rows: Rows[V], key: Mapping[str, Any]) -> V | None:
        found = await self._fetch(rows.select(key))
        return rows.value(found[0]) if found else None

    async def _find_all(self, rows: Rows[V], key: Mapping[str, Any]) -> list[V]:
        return [rows.value(row) for row in await self._fetch(rows.select(key))]

    async def _find_with_owner(self, rows: Rows[V], key: Mapping[str, Any]) -> tuple[V, U] | None:
        owner = self._tables().user
        found = await self._fetch(rows.select_with_owner(owner, key))
        if not found:
            return None
        split = len(rows.columns)
        return rows.value(found[0][:split]), owner.value(found[0][split:])

    async def _insert(self, rows: Rows[V], value: V, keys: Mapping[str, Mapping[str, Any]]) -> V:
        """Store a row; if a constraint refuses it, say which of ``keys`` is taken."""
        statement = rows.insert(value)
        try:
            await self._execute(statement)
        except Exception as exc:
            if not self._is_refusal(exc):
                raise
            failed = type(exc).__name__
        else:
            return rows.value([rows.dumped(name, getattr(value, name)) for name in rows.columns])
        # Outside of the except clause, as the driver's own text quotes the values.
        owner = getattr(value, "user_id", None)
        raise taken(await self._blamed(rows, keys, failed, owner=owner))

    async def _update(
        self, rows: Rows[V], changes: Mapping[str, Any], key: Mapping[str, Any]
    ) -> V | None:
        if not changes:
            return await self._find(rows, key)
        statement = rows.update(changes, key)
        if rows.dialect.returning:
            found = await self._fetch(statement)
            return rows.value(found[0]) if found else None
        async with self._transaction():
            await self._execute(statement)
            return await self._find(rows, key)

    async def _take(self, rows: Rows[V], key: Mapping[str, Any]) -> V | None:
        """Delete the rows and return one, so that of many callers at once exactly one gets it."""
        if rows.dialect.returning:
            found = await self._fetch(rows.take(key))
            return rows.value(found[0]) if found else None
        async with self._transaction():
            # The lock makes the others wait, and then they find nothing.
            found = await self._fetch(rows.select(key, lock=True))
            gone = await self._execute(rows.take(key)) if found else 0
        return rows.value(found[0]) if gone else None

    async def _blamed(
        self,
        rows: Rows[Any],
        keys: Mapping[str, Mapping[str, Any]],
        failed: str,
        *,
        other_than: Mapping[str, Any] | None = None,
        owner: str | None = None,
    ) -> str:
        """Why a row was refused."""
        unknown = f"a constraint refused the row ({failed})"
        try:
            for message, key in keys.items():
                if await self._fetch(rows.exists(key, other_than=other_than or {})):
                    return message
            if owner is None:
                return unknown
            user = self._tables().user.exists({"id": owner}, other_than={})
            return unknown if await self._fetch(user) else NO_SUCH_USER
        except Exception:  # noqa: BLE001  # PostgreSQL answers nothing more in a failed transaction of the app
            return unknown
