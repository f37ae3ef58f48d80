"""What a live database lacks of what the adapter needs, in sentences."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    ForeignKeyConstraint,
    Inspector,
    Table,
    UniqueConstraint,
    inspect,
    text,
)
from sqlalchemy.exc import CompileError

__all__ = ["Needs", "problems"]

MYSQL: Final = ("mysql", "mariadb")

_NUMBERED: Final = re.compile(r"([A-Z_0-9]+)(?: UNSIGNED)?(?:\((\d+))?")
_BYTES: Final = {"TINYINT": 1, "SMALLINT": 2, "MEDIUMINT": 3, "INTEGER": 4, "INT": 4, "BIGINT": 8}
_KINDS: Final = {
    **dict.fromkeys(("VARCHAR", "VARCHAR2", "NVARCHAR", "NVARCHAR2", "CLOB", "NCLOB"), "text"),
    **dict.fromkeys(("TEXT", "NTEXT", "TINYTEXT", "MEDIUMTEXT", "LONGTEXT"), "text"),
    **dict.fromkeys(("CHAR", "NCHAR"), "padded text"),
    **dict.fromkeys(_BYTES, "integer"),
    **dict.fromkeys(("DATETIME", "DATETIME2", "TIMESTAMP"), "moment"),
    "DATETIMEOFFSET": "zoned moment",
    **dict.fromkeys(("BOOL", "BOOLEAN", "BIT"), "boolean"),
    **dict.fromkeys(("JSON", "JSONB"), "JSON"),
}
_MYSQL_STAND_INS: Final = {("boolean", "integer"), ("JSON", "text")}
_STAND_INS: Final[Mapping[str, AbstractSet[tuple[str, str]]]] = {
    "mysql": _MYSQL_STAND_INS,
    "mariadb": _MYSQL_STAND_INS,
    "sqlite": {
        ("boolean", "integer"),
        ("JSON", "text"),
        ("moment", "text"),
        ("text", "padded text"),
    },
}
"""Kinds that do another's work: what is wanted, and what may be found."""
_MYSQL_TEXTS: Final = {"TINYTEXT": 2**8, "TEXT": 2**16, "MEDIUMTEXT": 2**24, "LONGTEXT": 2**32}
"""Sizes in bytes; a character has up to four."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """A table, and what the adapter's queries ask of it."""

    table: Table
    filled: frozenset[str]
    """The columns that the adapter fills."""
    keys: tuple[tuple[str, ...], ...]
    """Columns whose values together are unique."""
    lookups: tuple[tuple[str, ...], ...] = ()
    """Columns by which rows are looked for."""

    def unique(self) -> dict[frozenset[str], tuple[str, ...]]:
        """The keys, and those that the models add."""
        groups = [*self.keys, *([tuple(self.table.primary_key.columns.keys())])]
        groups += [
            tuple(item.columns.keys())
            for item in self.table.constraints
            if isinstance(item, UniqueConstraint)
        ]
        groups += [tuple(item.columns.keys()) for item in self.table.indexes if item.unique]
        return {frozenset(group): group for group in reversed(groups) if group}

    def looked_up(self) -> dict[frozenset[str], tuple[str, ...]]:
        """The lookups, and the indexes that the models add."""
        groups = [*self.lookups]
        groups += [tuple(item.columns.keys()) for item in self.table.indexes if not item.unique]
        return {frozenset(group): group for group in reversed(groups) if group}


def problems(connection: Connection, tables: Sequence[Needs]) -> list[str]:
    """Compare the live tables with what is needed; empty if nothing is missing."""
    found: list[str] = []
    inspector = inspect(connection)
    for needs in tables:
        table = needs.table
        if inspector.has_table(table.name, schema=table.schema):
            found += _Live(connection, inspector, needs).problems()
        else:
            found.append(f"the table {table.fullname} is missing")
    return found


class _Live:
    """A table as it is, beside what it should be."""

    def __init__(self, connection: Connection, inspector: Inspector, needs: Needs) -> None:
        table = needs.table
        self.connection = connection
        self.dialect = connection.dialect
        self.inspector = inspector
        self.needs = needs
        self.table = table
        self.name = table.fullname
        self.where: dict[str, Any] = {"table_name": table.name, "schema": table.schema}
        self.columns: dict[str, Mapping[str, Any]] = {
            column["name"]: column for column in inspector.get_columns(**self.where)
        }
        self.primary_key = tuple(inspector.get_pk_constraint(**self.where)["constrained_columns"])

    def problems(self) -> Iterator[str]:
        for column in self.table.columns:
            if column.name in self.columns:
                yield from self._column(column, self.columns[column.name])
            else:
                yield f"the column {self.name}.{column.name} is missing"
        yield from self._unfilled()
        yield from self._keys()
        yield from self._collations()
        for reference in self.table.foreign_key_constraints:
            yield from self._foreign_key(reference)

    # --- columns --------------------------------------------------------------------------------

    def _column(self, column: Column[Any], live: Mapping[str, Any]) -> Iterator[str]:
        where = f"the column {self.name}.{column.name}"
        wanted, found = self._type(column.type), self._type(live["type"])
        if self._is_other_kind(wanted, found):
            yield f"{where} is {found or 'of an unknown type'}, not {wanted}"
        elif _kind(found) == _kind(wanted) and self._width(found) < self._width(wanted):
            yield f"{where} is {found}, too narrow for {wanted}"
        if column.nullable and not live["nullable"] and column.name not in self.primary_key:
            yield f"{where} is NOT NULL, but must be able to be empty"

    def _type(self, kind: Any) -> str:
        try:
            written = str(kind.compile(dialect=self.dialect))
        except CompileError:  # reflected, but unknown to SQLAlchemy
            return ""
        return written.partition(" CHARACTER SET")[0].partition(" COLLATE")[0]

    def _is_other_kind(self, wanted: str, found: str) -> bool:
        kinds = _kind(wanted), _kind(found)
        if kinds[0] is None or kinds[0] == kinds[1]:
            return False  # a type of the app's own is the app's business
        if not found and self.dialect.name == "sqlite":
            return False  # a column without a type keeps what it is given
        return kinds not in _STAND_INS.get(self.dialect.name, ())

    def _width(self, written: str) -> float:
        """How much a column holds, in the unit of its kind."""
        match = _NUMBERED.match(written)
        if match is None or self.dialect.name == "sqlite":  # SQLite heeds no width
            return math.inf
        name, number = match[1], match[2]
        mysql = self.dialect.name in MYSQL
        match _kind(written):
            case "integer":
                return _BYTES[name]
            case "text" if mysql and name in _MYSQL_TEXTS:
                return _MYSQL_TEXTS[name] // 4 - 1
            case "moment" if mysql:
                return int(number or 0)
            case "text" | "padded text" | "moment" | "zoned moment":
                return int(number) if number else math.inf
        return math.inf

    def _unfilled(self) -> Iterator[str]:
        """Columns that stop every new row because nobody fills them."""
        table = self.table
        ours = {column.name for column in table.columns if column.default is not None}
        serial = table.autoincrement_column
        ours |= self.needs.filled | ({serial.name} if serial is not None else set())
        for name, live in self.columns.items():
            given = live.get("default") is not None or "computed" in live or "identity" in live
            counted = live.get("autoincrement") is True
            if name not in ours and not (live["nullable"] or given or counted):
                yield f"the column {self.name}.{name} is NOT NULL, but nothing fills it"

    # --- keys and indexes -----------------------------------------------------------------------

    def _keys(self) -> Iterator[str]:
        unique, indexes = self._live_keys()
        primary = frozenset(self.table.primary_key.columns.keys())
        for key, columns in self.needs.unique().items():
            if self._has(columns) and key not in map(frozenset, unique):
                what = "primary key" if key == primary else "unique constraint"
                yield f"the {what} on {self.name} ({', '.join(columns)}) is missing"
        for group, columns in self.needs.looked_up().items():
            led = any(frozenset(order[: len(columns)]) == group for order in (*unique, *indexes))
            if self._has(columns) and not led:
                yield f"the index on {self.name} ({', '.join(columns)}) is missing"

    def _live_keys(self) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
        """The columns of what is unique, and of other indexes."""
        unique, indexes = [self.primary_key], list[tuple[str, ...]]()
        partial: set[str | None] = set()
        for item in self.inspector.get_indexes(**self.where):
            names = tuple(name for name in item["column_names"] if name is not None)
            # An index of expressions, or of a part of the rows or values, serves other queries.
            if len(names) < len(item["column_names"]) or _is_partial(item):
                partial.add(item["name"])
            else:
                (unique if item["unique"] else indexes).append(names)
        unique += [
            tuple(constraint["column_names"])
            for constraint in self.inspector.get_unique_constraints(**self.where)
            if constraint["name"] is None or constraint["name"] not in partial
        ]
        return unique, indexes

    def _has(self, columns: Sequence[str]) -> bool:
        return all(name in self.columns for name in columns)

    def _collations(self) -> Iterator[str]:
        """Keys must be compared byte for byte, which MySQL does only when told to."""
        if self.dialect.name not in MYSQL:
            return
        query = text(
            "SELECT column_name AS name, collation_name AS collation FROM information_schema.columns"
            " WHERE table_schema = COALESCE(:schema, DATABASE()) AND table_name = :name"
        )
        rows = self.connection.execute(
            query, {"schema": self.table.schema, "name": self.table.name}
        )
        live = {row.name: row.collation for row in rows}
        groups = (*self.needs.unique().values(), *self.needs.looked_up().values())
        for name in sorted({name for group in groups for name in group}):
            collation = live.get(name) or "binary"
            if collation != "binary" and not collation.endswith("_bin"):
                yield (
                    f"the column {self.name}.{name} is compared by {collation}, not byte for byte:"
                    " give it a collation that ends in _bin"
                )

    def _foreign_key(self, wanted: ForeignKeyConstraint) -> Iterator[str]:
        columns = list(wanted.column_keys)
        target = [element.column for element in wanted.elements]
        names = f"{self.name} ({', '.join(columns)}) to {wanted.referred_table.fullname}"
        live = next(
            (
                item
                for item in self.inspector.get_foreign_keys(**self.where)
                if item["constrained_columns"] == columns
                and item["referred_table"] == wanted.referred_table.name
                and item["referred_columns"] == [column.name for column in target]
            ),
            None,
        )
        if live is None:
            if self._has(columns):
                yield f"the foreign key from {names} is missing"
        elif wanted.ondelete and wanted.ondelete.upper() != self._on_delete(live).upper():
            yield f"the foreign key from {names} lacks ON DELETE {wanted.ondelete}"

    def _on_delete(self, live: Mapping[str, Any]) -> str:
        if self.dialect.name == "sqlite":
            # SQLAlchemy reads the statement for it, and overlooks names in backticks (Drizzle's).
            query = text(
                "SELECT on_delete FROM pragma_foreign_key_list(:name, :schema)"
                ' WHERE "from" = :column'
            )
            where = {"name": self.table.name, "schema": self.table.schema or "main"}
            column = live["constrained_columns"][0]
            return str(self.connection.scalar(query, {**where, "column": column}))
        return str(live.get("options", {}).get("ondelete") or "NO ACTION")


def _kind(written: str) -> str | None:
    match = _NUMBERED.match(written)
    kind = _KINDS.get(match[1]) if match else None
    zoned = kind == "moment" and "WITH TIME ZONE" in written
    return "zoned moment" if zoned else kind


def _is_partial(index: Any) -> bool:
    """Whether an index leaves out rows, or the ends of values."""
    options = index.get("dialect_options", {})
    return any(value for name, value in options.items() if name.endswith(("_where", "_length")))
