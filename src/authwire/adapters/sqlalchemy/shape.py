"""A model of Authwire and the mapped class that stores it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Delete,
    Dialect,
    delete,
    exists,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, class_mapper
from sqlalchemy.sql.functions import FunctionElement

from authwire.adapters.sqlalchemy.schema import Needs

__all__ = ["UNSYNCED", "Shape"]

V = TypeVar("V")

UNSYNCED: Final[Mapping[str, Any]] = {"execution_options": {"synchronize_session": False}}
"""Spares the ORM the search for loaded objects: a session here never holds any."""
_BATCH: Final = 500
"""Keys in one statement: databases allow some ten thousand parameters."""


class _Exactly(FunctionElement[bool]):
    """A comparison of a column with a value that holds byte for byte.

    MySQL's own skips blanks at the end even with a binary collation, and with others case and
    accents. The plain comparison stays in, for the index. It has no type: SQLite would be asked
    whether a boolean is 1, and not use an index.
    """

    inherit_cache = True


@compiles(_Exactly)
def _plain(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(_equation(element), **options))


@compiles(_Exactly, "mysql")
@compiles(_Exactly, "mariadb")
def _binary(element: Any, compiler: Any, **options: Any) -> str:
    equation = _equation(element)
    column = compiler.process(equation.left, **options)
    value = compiler.process(equation.right, **options)
    same = " = ".join(f"CAST(CONVERT({side} USING utf8mb4) AS BINARY)" for side in (column, value))
    return f"({column} = {value} AND {same})"


def _equation(element: Any) -> Any:
    (equation,) = element.clauses
    return equation


class Shape(Generic[V]):
    """Turns values into rows and back.

    Args:
        model: a frozen dataclass of Authwire, or a subclass.
        mapped: a class mapped by SQLAlchemy whose attributes are named like the fields.
        optional: fields that need no column and have their default then.

    Raises:
        TypeError: if a field has no column.
    """

    def __init__(
        self, kind: type[V], model: type[Any], *, optional: AbstractSet[str] = frozenset()
    ) -> None:
        self.kind = kind
        self.model = model
        # Not configured yet: relations of the app may point to classes that aren't imported.
        mapper: Any = class_mapper(model, configure=False)
        present = set(mapper.columns.keys())
        declared = [item.name for item in fields(kind)]  # type: ignore[arg-type]  # always a dataclass
        if missing := [name for name in declared if name not in present | optional]:
            raise TypeError(
                f"{model.__name__} has no column for {kind.__name__}.{missing[0]}: add one to a"
                " class of your own and pass models=Models.for_user(...)"
            )
        self.names = [name for name in declared if name in present]
        self.columns = [getattr(model, name) for name in self.names]
        counted = model.__table__.autoincrement_column
        self.given = None if counted is None else mapper.get_property_by_column(counted).key
        """The field that the database fills."""

    def needs(self, *keys: tuple[str, ...], lookups: Sequence[tuple[str, ...]] = ()) -> Needs:
        """What the table must have.

        Args:
            keys: fields whose values together are unique.
            lookups: fields by which rows are looked for.
        """
        columns = class_mapper(self.model, configure=False).columns

        def named(group: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(columns[name].name for name in group)

        return Needs(
            table=self.model.__table__,
            filled=frozenset(named(tuple(self.names))),
            keys=tuple(map(named, keys)),
            lookups=tuple(map(named, lookups)),
        )

    def values(self, value: V) -> dict[str, Any]:
        """The fields that have a column."""
        return {name: _stored(getattr(value, name)) for name in self.names}

    def value(self, row: Sequence[Any]) -> V:
        """The model from a row of ``columns``."""
        found = dict(zip(self.names, row, strict=True))
        if found.get("extra", ...) is None:
            del found["extra"]
        return self.kind(**found)

    def where(self, key: Mapping[str, Any]) -> list[ColumnElement[bool]]:
        """``key`` as conditions, byte for byte."""
        return [_Exactly(getattr(self.model, name) == wanted) for name, wanted in key.items()]

    def taken(self, **key: Any) -> ColumnElement[bool]:
        """Whether a row is in the way of ``key``, as the database's own unique index sees it."""
        return exists().where(*(getattr(self.model, name) == key[name] for name in key))

    def matches(self, row: Sequence[Any], key: Mapping[str, Any]) -> bool:
        """Whether a row found by ``key`` has it byte for byte, whatever the collation says."""
        return all(row[self.names.index(name)] == wanted for name, wanted in key.items())

    def insert(self, db: Session, value: V) -> V:
        values = self.values(value)
        if self.given is not None:
            values.pop(self.given, None)
        row = self.model(**values)
        db.add(row)
        db.flush()
        return self.value([getattr(row, name) for name in self.names])

    def find(self, db: Session, **key: str) -> V | None:
        row = db.execute(select(*self.columns).where(*self.where(key))).first()
        return None if row is None or not self.matches(row, key) else self.value(row)

    def find_all(self, db: Session, **key: str) -> list[V]:
        rows = db.execute(select(*self.columns).where(*self.where(key)))
        return [self.value(row) for row in rows if self.matches(row, key)]

    def update(self, db: Session, changes: Mapping[str, Any], **key: str) -> V | None:
        """Change the row and read it: first the change, as SQLite then locks before it reads.

        Raises:
            TypeError: if there is no such field.
        """
        if unknown := [name for name in changes if name not in self.names]:
            raise TypeError(f"{self.kind.__name__} has no field {unknown[0]!r}")
        if not changes:
            return self.find(db, **key)
        new = {getattr(self.model, name): _stored(value) for name, value in changes.items()}
        query = update(self.model).where(*self.where(key)).values(new)
        if _dialect(db).update_returning:
            row = db.execute(query.returning(*self.columns), **UNSYNCED).first()
            return None if row is None else self.value(row)
        db.execute(query, **UNSYNCED)
        return self.find(db, **key)

    def take(self, db: Session, **key: str) -> V | None:
        """Delete the rows and return one, so that of many callers at once exactly one gets it."""
        query = delete(self.model).where(*self.where(key))
        if _dialect(db).delete_returning:
            rows = db.execute(query.returning(*self.columns), **UNSYNCED).all()
            return self.value(rows[0]) if rows else None
        # MySQL: the lock makes the others wait, and then they find nothing.
        row = db.execute(select(*self.columns).where(*self.where(key)).with_for_update()).first()
        gone = self.delete(db, query)
        return None if row is None or gone == 0 else self.value(row)

    def delete(self, db: Session, query: Delete) -> int:
        """Run ``query`` and say how many rows it deleted."""
        return cast("CursorResult[Any]", db.execute(query, **UNSYNCED)).rowcount

    def delete_expired(self, db: Session, now: datetime, limit: int | None) -> int:
        """Delete rows that expired before ``now``, a row that is moved on meanwhile not."""
        expired = self.model.expires < now
        if limit is None:
            return self.delete(db, delete(self.model).where(expired))
        keys = list(class_mapper(self.model, configure=False).primary_key)
        # MySQL takes no LIMIT in a subquery of IN, so the keys are read first.
        found = db.execute(select(*keys).where(expired).limit(limit)).all()
        removed = 0
        for start in range(0, len(found), _BATCH):
            same = tuple_(*keys).in_([tuple(row) for row in found[start : start + _BATCH]])
            removed += self.delete(db, delete(self.model).where(same, expired))
        return removed


def _dialect(db: Session) -> Dialect:
    """The dialect of a connection that is open: only then it knows the server's version."""
    return db.connection().dialect


def _stored(value: Any) -> Any:
    if isinstance(value, datetime) and value.utcoffset() is not None:
        return value.astimezone(UTC)
    return dict(value) if isinstance(value, Mapping) else value
