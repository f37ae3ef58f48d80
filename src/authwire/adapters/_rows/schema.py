"""What a live database has of the tables, and what it lacks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from authwire.adapters._rows.sql import Dialect, Rows, Statement

__all__ = ["Live", "index", "lacking", "look", "missing_indexes"]

Fetch = Callable[[Statement], Awaitable[Sequence[Sequence[Any]]]]

_COLUMNS: Final = {
    "postgresql": (
        "SELECT attname AS c0, '' AS c1 FROM pg_attribute"
        " WHERE attrelid = to_regclass({}) AND attnum > 0 AND NOT attisdropped"
    ),
    "sqlite": "SELECT name AS c0, '' AS c1 FROM pragma_table_info({})",
    "mysql": (
        "SELECT column_name AS c0, coalesce(collation_name, '') AS c1"
        " FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = {}"
    ),
}
# Without indexes on expressions, and without those that cover some rows only.
_INDEXES: Final = {
    "postgresql": (
        "SELECT CAST(i.indexrelid AS text) AS c0, i.indisunique AS c1, a.attname AS c2"
        " FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, n)"
        " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum"
        " WHERE i.indrelid = to_regclass({}) AND i.indpred IS NULL AND i.indexprs IS NULL"
        " AND i.indisvalid AND k.n <= i.indnkeyatts ORDER BY i.indexrelid, k.n"
    ),
    "sqlite": (
        'SELECT l.name AS c0, l."unique" AS c1, i.name AS c2'
        " FROM pragma_index_list({}) l, pragma_index_info(l.name) i"
        " WHERE l.partial = 0 ORDER BY l.name, i.seqno"
    ),
    "mysql": (
        "SELECT index_name AS c0, non_unique = 0 AS c1, column_name AS c2"
        " FROM information_schema.statistics"
        " WHERE table_schema = DATABASE() AND table_name = {} ORDER BY index_name, seq_in_index"
    ),
}


@dataclass(frozen=True, slots=True)
class Live:
    """A table as it is."""

    columns: dict[str, str] = field(default_factory=dict)
    """The collation of each column, where that can be wrong."""
    indexes: list[tuple[bool, tuple[str | None, ...]]] = field(default_factory=list)
    """Whether each is unique, and its columns."""

    def has_unique(self, columns: Sequence[str]) -> bool:
        return any(unique and set(found) == set(columns) for unique, found in self.indexes)

    def has_index(self, column: str) -> bool:
        return any(found[0] == column for _, found in self.indexes)


async def look(rows: Rows[Any], fetch: Fetch) -> Live:
    """What the database has; nothing at all if there is no such table."""
    dialect = rows.dialect
    # PostgreSQL takes the name as it stands in a statement, the others as it is.
    name = rows.name if dialect.name == "postgresql" else rows.table[1]
    live = Live()
    for column, collation in await fetch(_asking(dialect, _COLUMNS[dialect.name], name)):
        live.columns[str(column)] = str(collation)
    if live.columns:
        parts: dict[str, tuple[bool, list[str | None]]] = {}
        for index_name, unique, column in await fetch(
            _asking(dialect, _INDEXES[dialect.name], name)
        ):
            parts.setdefault(index_name, (bool(unique), []))[1].append(column)
        live.indexes.extend((unique, tuple(columns)) for unique, columns in parts.values())
    return live


def _asking(dialect: Dialect, text: str, name: str) -> Statement:
    made = Statement(dialect)
    return made.says(text.format(made.mark(name)))


def _named(rows: Rows[Any], fields: Sequence[str]) -> list[str]:
    return [rows.columns[name].name for name in fields]


def missing_indexes(rows: Rows[Any], live: Live) -> Iterator[tuple[bool, list[str]]]:
    """Whether each must be unique, and its columns."""
    for unique in rows.unique:
        if not live.has_unique(_named(rows, unique)):
            yield True, _named(rows, unique)
    for lookup in rows.lookups:
        column = rows.columns[lookup].name
        if not live.has_index(column):
            yield False, [column]


def index(rows: Rows[Any], unique: bool, columns: Sequence[str]) -> Statement:  # noqa: FBT001  # as `missing_indexes` yields it
    """Create an index; its name says what it is for, within PostgreSQL's 63 bytes."""
    quoted = rows.dialect.quoted
    name = f"{'_'.join([rows.table[1], *columns])[:55]}_{'key' if unique else 'idx'}"
    kind = "UNIQUE INDEX" if unique else "INDEX"
    again = "" if rows.dialect.name == "mysql" else " IF NOT EXISTS"
    of = ", ".join(map(quoted, columns))
    return Statement(rows.dialect).says(
        f"CREATE {kind}{again} {quoted(name)} ON {rows.name} ({of})"
    )


def lacking(rows: Rows[Any], live: Live) -> Iterator[str]:
    """What is missing, a sentence each."""
    table = rows.table[1]
    if not live.columns:
        yield f"the table {table} is missing"
        return
    present = live.columns.keys()
    for column in rows.columns.values():
        if column.name not in present:
            yield f"the column {table}.{column.name} is missing"
    for unique, columns in missing_indexes(rows, live):
        if present >= set(columns):
            kind = "unique index" if unique else "index"
            yield f"the {kind} on {table} ({', '.join(columns)}) is missing"
    for name in dict.fromkeys(name for key in rows.unique for name in _named(rows, key)):
        collation = live.columns.get(name, "")
        if collation and not collation.endswith("_bin"):
            yield (
                f"the column {table}.{name} has the collation {collation}, which takes different"
                " letters for the same: a binary collation is missing"
            )
