"""The adapter."""

from __future__ import annotations

import sqlite3
from collections.abc import Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from functools import cached_property
from typing import Any, Final, Generic, Literal, cast

from piccolo.columns import JSON
from piccolo.engine.base import Engine
from piccolo.engine.sqlite import SQLiteEngine, TransactionType
from piccolo.querystring import QueryString
from piccolo.table import Table
from piccolo.utils.encoding import load_json
from piccolo.utils.sql_values import convert_to_sql_value
from piccolo.utils.sync import run_sync

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
from authwire.adapters.piccolo.mixins import described, made_for
from authwire.adapters.piccolo.tables import TABLES
from authwire.models import U

__all__ = ["PiccoloAdapter"]

_DIALECTS: Final = {
    "postgres": Dialect("postgresql", "{}"),
    "sqlite": Dialect("sqlite", "{}"),
}
"""By the type of the engine."""


class PiccoloAdapter(RowAdapter[U], Generic[U]):
    """PostgreSQL and SQLite through an engine of Piccolo.

    A transaction of Piccolo that is open where a method is called takes the method's statements in.

    Args:
        engine: without one, that of the tables, or of your ``piccolo_conf``.
        models: your own tables; see `Models.for_user`. Those without an engine get ``engine``.
        user: your `User` subclass; each of its fields needs a column.
        blocking: for sync apps: no method suspends, each runs in an event loop of its own.
    """

    def __init__(
        self,
        engine: Engine[Any] | None = None,
        *,
        models: Models | None = None,
        user: type[U] | None = None,
        blocking: bool = False,
    ) -> None:
        self.models = models or (TABLES if engine is None else made_for(engine))
        self._given = engine
        self._user_type = user
        self._blocking = blocking
        if engine is not None:
            for model in vars(self.models).values():
                if described(model)._db is None:  # noqa: SLF001  # `db` would import piccolo_conf
                    described(model).db = engine

    @property
    def io(self) -> Literal["async", "blocking"]:
        """Whether the methods wait in an event loop or block the thread."""
        return "blocking" if self._blocking else "async"

    @cached_property
    def _engine(self) -> Engine[Any]:
        return self._given or described(self.models.user).db

    @cached_property
    def _made(self) -> Tables[U]:
        kind = self._engine.engine_type
        if kind not in _DIALECTS:
            raise TypeError(f"PiccoloAdapter speaks to PostgreSQL and SQLite, not to {kind}")
        dialect = _DIALECTS[kind]

        def column(model: type[Table], field: str) -> Column | None:
            return _column(model, field, dialect)

        return make_tables(self._user_type, self.models, dialect, _named, column)

    def _tables(self) -> Tables[U]:
        return self._made

    async def _fetch(self, statement: Statement) -> Sequence[Sequence[Any]]:
        made = QueryString(statement.text, *statement.values)
        query: Coroutine[Any, Any, Any] = cast("Any", self._engine).run_querystring(made)
        rows = run_sync(query) if self._blocking else await query
        return [list(row.values()) for row in rows]

    async def _execute(self, statement: Statement) -> int:
        # Piccolo does not tell how many rows were touched.
        counted = statement.text.startswith("DELETE")
        return len(
            await self._fetch(statement.says("RETURNING 1 AS one") if counted else statement)
        )

    def _transaction(self) -> AbstractAsyncContextManager[Any]:
        # SQLite gives up at once if a transaction that has read finds others writing.
        sqlite = isinstance(self._engine, SQLiteEngine)
        how = {"transaction_type": TransactionType.immediate} if sqlite else {}
        opened: AbstractAsyncContextManager[Any] = cast("Any", self._engine).transaction(**how)
        return opened

    def _is_refusal(self, error: Exception) -> bool:
        state = getattr(error, "sqlstate", None) or ""
        return isinstance(error, sqlite3.IntegrityError) or state.startswith("23")

    async def delete_user(self, user_id: str) -> None:
        if not self._blocking:
            return await super().delete_user(user_id)
        # A connection does not outlive its event loop, so the transaction needs one loop for all.
        waiting = PiccoloAdapter(self._engine, models=self.models, user=self._user_type)
        return run_sync(waiting.delete_user(user_id))

    async def _create_table(self, table: Rows[Any]) -> None:
        for text in table.model.create_table(if_not_exists=True).ddl:
            # SQLite cannot add constraints; unique indexes follow, which do the same.
            if not text.startswith("ALTER TABLE"):
                query = self._engine.run_ddl(text)
                _ = run_sync(query) if self._blocking else await query


def _named(model: type[Table]) -> tuple[str | None, str]:
    return described(model).schema, described(model).tablename


def _column(model: type[Table], field: str, dialect: Dialect) -> Column | None:
    found = next((item for item in described(model).columns if item._meta.name == field), None)  # noqa: SLF001  # Piccolo has no public name for it
    if found is None:
        return None

    def dump(value: Any) -> Any:
        return convert_to_sql_value(value, found)

    def load(value: Any) -> Any:
        if isinstance(found, JSON) and isinstance(value, str):
            return load_json(value)
        choices = found._meta.choices  # noqa: SLF001  # as above
        return choices(value) if choices is not None and value is not None else value

    # Piccolo makes dates and numbers of SQLite's text by the type in the column's name.
    kind = found.column_type.partition("(")[0].strip()
    hint = f" [{kind}]" if dialect.name == "sqlite" else ""
    return Column(found._meta.db_column_name, dump, load, hint)  # noqa: SLF001  # as above
