"""The adapter."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from functools import cached_property
from typing import Any, Final, Generic, cast

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError
from tortoise.models import Model
from tortoise.transactions import in_transaction

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
from authwire.adapters.tortoise.bases import described
from authwire.adapters.tortoise.models import MODELS
from authwire.models import U

__all__ = ["TortoiseAdapter"]

_DIALECTS: Final = {
    "asyncpg": Dialect("postgresql", "$"),
    "psycopg": Dialect("postgresql", "%s"),
    "sqlite": Dialect("sqlite", "?"),
}
"""By the backend of Tortoise."""


class TortoiseAdapter(RowAdapter[U], Generic[U]):
    """PostgreSQL and SQLite through the connections of Tortoise ORM.

    Call ``Tortoise.init`` before the first use. A transaction of Tortoise that is open where a method
    is called takes the method's statements in.

    Args:
        models: your own model classes; see `Models.for_user`.
        user: your `User` subclass; each of its fields needs one in the model.
    """

    io: Final = "async"

    def __init__(self, *, models: Models | None = None, user: type[U] | None = None) -> None:
        self.models = models or MODELS
        self._user_type = user

    @property
    def _connection(self) -> BaseDBAsyncClient:
        """Of the transaction that is open here, if there is one."""
        return described(self.models.user).db

    @cached_property
    def _made(self) -> Tables[U]:
        # Not before Tortoise.init: only then relations have their columns.
        backend = type(self._connection).__module__.split(".")[2]
        if backend not in _DIALECTS:
            raise TypeError(f"TortoiseAdapter speaks to PostgreSQL and SQLite, not to {backend}")
        return make_tables(self._user_type, self.models, _DIALECTS[backend], _named, _column)

    def _tables(self) -> Tables[U]:
        return self._made

    async def _fetch(self, statement: Statement) -> Sequence[Sequence[Any]]:
        rows = await self._connection.execute_query_dict(statement.text, statement.values)
        return [list(row.values()) for row in rows]

    async def _execute(self, statement: Statement) -> int:
        return (await self._connection.execute_query(statement.text, statement.values))[0]

    def _transaction(self) -> AbstractAsyncContextManager[Any]:
        return in_transaction(described(self.models.user).default_connection)

    def _is_refusal(self, error: Exception) -> bool:
        return isinstance(error, IntegrityError)

    async def _create_table(self, table: Rows[Any]) -> None:
        generator = cast("Any", self._connection).schema_generator(self._connection)
        # generate_schemas() would create the tables of the whole app.
        made = generator._get_table_sql(table.model, safe=True)  # noqa: SLF001  # as said above
        await self._connection.execute_script(made["table_creation_string"])


def _named(model: type[Model]) -> tuple[str | None, str]:
    return described(model).schema, described(model).db_table


def _column(model: type[Model], field: str) -> Column | None:
    name = described(model).fields_db_projection.get(field)
    if name is None:
        return None
    kept = described(model).fields_map[field]

    def dump(value: Any) -> Any:
        return kept.to_db_value(value, model)

    return Column(name, dump, kept.to_python_value)
