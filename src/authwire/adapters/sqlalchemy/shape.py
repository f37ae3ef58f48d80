"""A model of Authwire and the mapped class that stores it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar, cast

from sqlalchemy import ColumnElement, CursorResult, Delete, delete, select, tuple_, update
from sqlalchemy.orm import Session, class_mapper

__all__ = ["UNSYNCED", "Shape"]

V = TypeVar("V")

UNSYNCED: Final[Mapping[str, Any]] = {"execution_options": {"synchronize_session": False}}
"""Spares the ORM the search for loaded objects: a session here never holds any."""


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
        present = set(class_mapper(model, configure=False).columns.keys())
        declared = [item.name for item in fields(kind)]  # type: ignore[arg-type]  # always a dataclass
        if missing := [name for name in declared if name not in present | optional]:
            raise TypeError(
                f"{model.__name__} has no column for {kind.__name__}.{missing[0]}: add one to a"
                " class of your own and pass models=Models.for_user(...)"
            )
        self.names = [name for name in declared if name in present]
        self.columns = [getattr(model, name) for name in self.names]

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
        """``key`` as conditions."""
        return [getattr(self.model, name) == wanted for name, wanted in key.items()]

    def matches(self, row: Sequence[Any], key: Mapping[str, Any]) -> bool:
        """Whether a row found by ``key`` has it byte for byte, whatever the collation says."""
        return all(row[self.names.index(name)] == wanted for name, wanted in key.items())

    def insert(self, db: Session, value: V) -> V:
        row = self.model(**self.values(value))
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
        """Change the row, then read it, in this order: SQLite then locks before it reads.

        Raises:
            TypeError: if there is no such field.
        """
        if unknown := [name for name in changes if name not in self.names]:
            raise TypeError(f"{self.kind.__name__} has no field {unknown[0]!r}")
        new = {getattr(self.model, name): _stored(value) for name, value in changes.items()}
        db.execute(update(self.model).where(*self.where(key)).values(new), **UNSYNCED)
        return self.find(db, **key)

    def take(self, db: Session, **key: str) -> V | None:
        """Delete the rows and return one, so that of many callers at once exactly one gets it."""
        query = delete(self.model).where(*self.where(key))
        if db.connection().dialect.delete_returning:
            rows = db.execute(query.returning(*self.columns), **UNSYNCED).all()
            return self.value(rows[0]) if rows else None
        # MySQL: the lock makes the others wait, and then they find nothing.
        row = db.execute(select(*self.columns).where(*self.where(key)).with_for_update()).first()
        gone = cast("CursorResult[Any]", db.execute(query, **UNSYNCED))
        return None if row is None or gone.rowcount == 0 else self.value(row)

    def delete(self, db: Session, query: Delete) -> int:
        """Run ``query`` and say how many rows it deleted."""
        return cast("CursorResult[Any]", db.execute(query, **UNSYNCED)).rowcount

    def delete_expired(self, db: Session, now: datetime, limit: int | None) -> int:
        """Delete rows that expired before ``now``, a row that is moved on meanwhile not."""
        expired = self.model.expires < now
        if limit is None:
            return self.delete(db, delete(self.model).where(expired))
        keys = list(self.model.__table__.primary_key.columns)
        # MySQL takes no LIMIT in a subquery of IN, so the keys are read first.
        found = db.execute(select(*keys).where(expired).limit(limit)).all()
        if not found:
            return 0
        same = tuple_(*keys).in_([tuple(row) for row in found])
        return self.delete(db, delete(self.model).where(same, expired))


def _stored(value: Any) -> Any:
    if isinstance(value, datetime) and value.utcoffset() is not None:
        return value.astimezone(UTC)
    return dict(value) if isinstance(value, Mapping) else value
