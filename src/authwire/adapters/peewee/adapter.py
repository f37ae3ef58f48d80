"""The adapter. With a sync database its coroutines never suspend."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cached_property
from typing import Any, Generic, Literal

import peewee

from authwire.adapters._rows import (
    Column,
    Dialect,
    Models,
    RowAdapter,
    Rows,
    Statement,
    Tables,
    make_tables,
)
from authwire.adapters.peewee.bases import default_models, described
from authwire.models import U

__all__ = ["PeeweeAdapter"]


class PeeweeAdapter(RowAdapter[U], Generic[U]):
    """SQLite, PostgreSQL, MySQL and MariaDB through a database of Peewee.

    If the app has opened a connection where a method is called, the method uses it, and the
    transaction that is open on it. If not, the method opens one and closes it at the end, which a
    pooled database makes cheap.

    Args:
        database: sync, or async from ``playhouse.pwasyncio``; a `peewee.Proxy` may get its database later.
        models: your own model classes; see `Models.for_user`.
        user: your `User` subclass; each of its fields needs one in the model.
    """

    def __init__(
        self, database: Any, *, models: Models | None = None, user: type[U] | None = None
    ) -> None:
        if not isinstance(database, peewee.Database | peewee.Proxy):
            raise TypeError(f"expected a database of Peewee, not {type(database).__name__}")
        self.models = models or default_models()
        self._given = database
        self._user_type = user

    @property
    def _database(self) -> Any:
        if not isinstance(self._given, peewee.Proxy):
            return self._given
        if self._given.obj is None:
            raise RuntimeError("the proxy has no database yet: call its initialize() first")
        return self._given.obj

    @property
    def io(self) -> Literal["async", "blocking"]:
        """Whether the methods wait in an event loop or block the thread."""
        return "async" if hasattr(self._database, "aexecute_sql") else "blocking"

    @cached_property
    def _made(self) -> Tables[U]:
        return make_tables(self._user_type, self.models, _dialect(self._database), _named, _column)

    def _tables(self) -> Tables[U]:
        return self._made

    async def _run(self, statement: Statement) -> Any:
        async with self._connected() as database:
            if self.io == "async":
                return await database.aexecute_sql(statement.text, statement.values)
            cursor = database.execute_sql(statement.text, statement.values)
            # Read before the connection goes back.
            return _Result(cursor.fetchall() if cursor.description else [], cursor.rowcount)

    async def _fetch(self, statement: Statement) -> Sequence[Sequence[Any]]:
        return [tuple(row) for row in (await self._run(statement)).fetchall()]

    async def _execute(self, statement: Statement) -> int:
        return int((await self._run(statement)).rowcount)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Any]:
        database = self._database
        opened = database.is_closed()
        # A database in memory is gone with its connection.
        closes = opened and database.database != ":memory:"
        if self.io == "async":
            await database.aconnect()
        elif opened:
            database.connect()
        try:
            yield database
        finally:
            if closes and self.io == "async":
                await database.aclose()
            elif closes:
                database.close()

    @asynccontextmanager
    async def _in_transaction(self) -> AsyncIterator[None]:
        async with self._connected() as database:
            if self.io == "async":
                async with database.atomic():
                    yield
            else:
                with database.atomic():
                    yield

    def _transaction(self) -> AbstractAsyncContextManager[Any]:
        return self._in_transaction()

    def _is_refusal(self, error: Exception) -> bool:
        return isinstance(error, peewee.IntegrityError)

    async def _create_table(self, table: Rows[Any]) -> None:
        async with self._connected() as database:
            schema = peewee.SchemaManager(table.model, database)
            if self.io == "async":
                await database.run(schema.create_all)
            else:
                schema.create_all()


class _Result:
    """What a cursor has told."""

    def __init__(self, rows: Sequence[Sequence[Any]], rowcount: int) -> None:
        self.rows = rows
        self.rowcount = rowcount

    def fetchall(self) -> Sequence[Sequence[Any]]:
        return self.rows


def _dialect(database: Any) -> Dialect:
    match database:
        case peewee.SqliteDatabase():
            return Dialect("sqlite", "?")
        case peewee.PostgresqlDatabase():
            return Dialect("postgresql", "%s")
        case peewee.MySQLDatabase():
            return Dialect("mysql", "%s")
    raise TypeError(f"PeeweeAdapter does not know {type(database).__name__}")


def _named(model: type[Any]) -> tuple[str | None, str]:
    return described(model).schema, described(model).table_name


def _column(model: type[Any], field: str) -> Column | None:
    known = described(model)
    # The owner is found by its column: the field is called user.
    found = known.fields.get(field) or (known.columns.get(field) if field == "user_id" else None)
    return None if found is None else Column(found.column_name, found.db_value, found.python_value)
