"""Statements about the rows of one table, and how values go in and out of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Generic, Literal, TypeVar

__all__ = ["Column", "Dialect", "Hidden", "Rows", "Statement"]

V = TypeVar("V")

_MOMENTS: Final = frozenset({"expires", "email_verified"})
_FLAGS: Final = frozenset({"credential_backed_up"})
_OBJECTS: Final = frozenset({"extra"})


class Hidden(list[Any]):
    """The values of a statement. Drivers log them by their repr, and they are secret."""

    def __repr__(self) -> str:
        return f"[{len(self)} values]"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Dialect:
    """The ways in which databases and drivers differ.

    Args:
        name: of the database; MariaDB is ``mysql`` too.
        mark: stands for a value: ``?``, ``%s``, ``{}``, or ``$`` for ``$1``, ``$2`` …
    """

    name: Literal["postgresql", "sqlite", "mysql"]
    mark: Literal["?", "%s", "{}", "$"]

    @property
    def returning(self) -> bool:
        """Whether an UPDATE or DELETE can return its rows. Of MySQL and MariaDB not both can both."""
        return self.name != "mysql"

    def quoted(self, name: str) -> str:
        quote = "`" if self.name == "mysql" else '"'
        return quote + name.replace(quote, quote * 2) + quote

    def moment(self, value: datetime) -> Any:
        """A moment as the database keeps it: in UTC, as SQLAlchemy writes it too.

        Raises:
            ValueError: if it has no time zone.
        """
        if value.utcoffset() is None:
            raise ValueError("a time without a time zone cannot be stored")
        utc = value.astimezone(UTC)
        if self.name == "postgresql":
            return utc
        naive = utc.replace(tzinfo=None)
        # Text of one width, so that SQLite compares it as time.
        return naive.isoformat(" ", "microseconds") if self.name == "sqlite" else naive


class Statement:
    """A text and the values for it."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.text = ""
        self.values = Hidden()

    def says(self, *words: str) -> Statement:
        """Put words at the end of the text: names that are quoted, and marks."""
        self.text = " ".join([self.text, *words]).lstrip()
        return self

    def mark(self, value: Any) -> str:
        """Take in a value; what stands for it in the text."""
        self.values.append(value)
        mark = self.dialect.mark
        return f"${len(self.values)}" if mark == "$" else mark


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Column:
    """A column and how the ORM converts its values, unless the field is one of Authwire's own."""

    name: str
    dump: Callable[[Any], Any] = field(default=_same)
    load: Callable[[Any], Any] = field(default=_same)
    hint: str = ""
    """Added to the column's alias in a result, for drivers that look for a type there."""


class Rows(Generic[V]):
    """The rows of one table, as values of one model.

    Args:
        kind: a frozen dataclass of Authwire, or a subclass.
        model: the ORM's class.
        table: ``(schema, name)``.
        columns: by field.
        own: the fields that Authwire converts; the ORM converts the others.
        key: the fields that make a row unique.
        unique: further sets of fields that are unique.
        lookups: fields by which rows are found, though not unique.
    """

    def __init__(
        self,
        kind: type[V],
        dialect: Dialect,
        model: type[Any],
        table: tuple[str | None, str],
        columns: Mapping[str, Column],
        *,
        own: Sequence[str],
        key: tuple[str, ...],
        unique: Sequence[tuple[str, ...]] = (),
        lookups: Sequence[str] = (),
    ) -> None:
        self.kind = kind
        self.dialect = dialect
        self.model = model
        self.table = table
        self.columns = columns
        self.own = own
        self.key = key
        self.unique = [key, *unique]
        self.lookups = lookups
        self.name = ".".join(dialect.quoted(part) for part in table if part)

    # --- values ---------------------------------------------------------------------------------

    def column(self, name: str) -> str:
        return self.dialect.quoted(self.columns[name].name)

    def dumped(self, name: str, value: Any) -> Any:
        """A field's value as the driver takes it."""
        if name not in self.own:
            return self.columns[name].dump(value)
        if value is None:
            return None
        if name in _MOMENTS:
            return self.dialect.moment(value)
        return json.dumps(dict(value)) if name in _OBJECTS else value

    def loaded(self, name: str, value: Any) -> Any:
        """The field's value from what the driver gave."""
        if name not in self.own:
            return self.columns[name].load(value)
        if value is None:
            return None
        if name in _MOMENTS:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else value
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        if name in _FLAGS:
            return bool(value)
        if name in _OBJECTS:
            return json.loads(value) if isinstance(value, str | bytes) else value
        return value

    def value(self, row: Sequence[Any]) -> V:
        """The model from a row of all columns."""
        found = {
            name: self.loaded(name, item) for name, item in zip(self.columns, row, strict=True)
        }
        if found.get("extra", ...) is None:
            del found["extra"]
        return self.kind(**found)

    # --- parts of a statement -------------------------------------------------------------------

    def selected(self, table: str = "", first: int = 0) -> str:
        """All columns, under names that are unique in a join."""
        prefix = f"{table}." if table else ""
        return ", ".join(
            f"{prefix}{self.dialect.quoted(column.name)} AS "
            + self.dialect.quoted(f"c{number}{column.hint}")
            for number, column in enumerate(self.columns.values(), first)
        )

    def where(self, statement: Statement, key: Mapping[str, Any], table: str = "") -> str:
        """``key`` as a condition, byte for byte.

        MySQL and MariaDB leave trailing blanks out of account, even with a binary collation.
        """
        prefix = f"{table}." if table else ""
        parts = []
        for name, wanted in key.items():
            column, value = prefix + self.column(name), self.dumped(name, wanted)
            parts.append(f"{column} = {statement.mark(value)}")
            if self.dialect.name == "mysql":
                mark = statement.mark(value)
                parts.append(f"CAST({column} AS BINARY) = CAST({mark} AS BINARY)")
        return " AND ".join(parts)

    # --- statements -----------------------------------------------------------------------------

    def _statement(self) -> Statement:
        return Statement(self.dialect)

    def insert(self, value: V) -> Statement:
        made = self._statement()
        names = ", ".join(self.column(name) for name in self.columns)
        marks = ", ".join(
            made.mark(self.dumped(name, getattr(value, name))) for name in self.columns
        )
        return made.says("INSERT INTO", self.name, f"({names})", "VALUES", f"({marks})")

    def select(self, key: Mapping[str, Any], *, lock: bool = False) -> Statement:
        made = self._statement()
        where = self.where(made, key)
        found = made.says("SELECT", self.selected(), "FROM", self.name, "WHERE", where)
        return found.says("FOR UPDATE") if lock else found

    def select_with_owner(self, owner: Rows[Any], key: Mapping[str, Any]) -> Statement:
        """The rows and, behind them, the users whom they belong to."""
        made = self._statement()
        columns = (self.selected("owned"), owner.selected("owner", len(self.columns)))
        same = f"owned.{self.column('user_id')} = owner.{owner.column('id')}"
        made.says("SELECT", ", ".join(columns), "FROM", self.name, "owned")
        made.says("JOIN", owner.name, "owner ON", same)
        return made.says("WHERE", self.where(made, key, "owned"))

    def update(self, changes: Mapping[str, Any], key: Mapping[str, Any]) -> Statement:
        """Change rows, and return them where the database can.

        Raises:
            TypeError: if there is no such field.
        """
        if unknown := [name for name in changes if name not in self.columns]:
            raise TypeError(f"{self.kind.__name__} has no field {unknown[0]!r}")
        made = self._statement()
        new = ", ".join(
            f"{self.column(name)} = {made.mark(self.dumped(name, value))}"
            for name, value in changes.items()
        )
        made.says("UPDATE", self.name, "SET", new, "WHERE", self.where(made, key))
        return self._returning(made)

    def take(self, key: Mapping[str, Any]) -> Statement:
        """Delete rows, and return them where the database can."""
        return self._returning(self.delete(key))

    def _returning(self, made: Statement) -> Statement:
        return made.says("RETURNING", self.selected()) if self.dialect.returning else made

    def delete(self, key: Mapping[str, Any], *, keep: str | None = None) -> Statement:
        """Delete rows, but for the session with the token ``keep``."""
        made = self._statement()
        made.says("DELETE FROM", self.name, "WHERE", self.where(made, key))
        if keep is not None:
            made.says(f"AND NOT ({self.where(made, {'session_token': keep})})")
        return made

    def delete_expired(self, now: datetime, limit: int | None) -> Statement:
        """Delete rows that expired before ``now``, a row that is moved on meanwhile not."""
        made = self._statement()
        moment, column = self.dialect.moment(now), self.column("expires")
        made.says("DELETE FROM", self.name, "WHERE", column, "<", made.mark(moment))
        if limit is None:
            return made
        if self.dialect.name == "mysql":
            return made.says("LIMIT", made.mark(limit))
        key = ", ".join(self.column(name) for name in self.key)
        made.says(f"AND ({key}) IN (SELECT", key, "FROM", self.name)
        made.says("WHERE", column, "<", made.mark(moment), "LIMIT", made.mark(limit))
        return made.says(")")

    def exists(self, key: Mapping[str, Any], *, other_than: Mapping[str, Any]) -> Statement:
        """Whether a unique value is taken, as the database's own collation sees it."""
        made = self._statement()
        same = [f"{self.column(name)} = {made.mark(value)}" for name, value in key.items()]
        if other_than:
            same.append(f"NOT ({self.where(made, other_than)})")
        return made.says("SELECT 1 AS hit FROM", self.name, "WHERE", " AND ".join(same))
