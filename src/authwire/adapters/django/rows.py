"""A model of Authwire and the model of Django that stores it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from authwire.adapters._rules import NO_SUCH_USER
from authwire.adapters._rules import taken as refused
from authwire.adapters.django.database import Database, is_unique, meta, moment, parsed_key

__all__ = ["Rows", "require_key"]

V = TypeVar("V")
_BATCH: Final = 500
"""Rows deleted by one statement; SQLite takes only so many values in one."""


def require_key(model: type[Any], *key: str) -> None:
    """Refuse a model that could hold two rows with the same ``key``.

    Raises:
        TypeError: if so.
    """
    if not is_unique(model, *key):
        raise TypeError(
            f"{meta(model).label} has no unique key on {', '.join(key)}:"
            " let its Meta inherit from the Meta of the abstract model"
        )


class Rows(Generic[V]):
    """Turns values into rows and back. Each statement is atomic; nothing is looked up to be written.

    Args:
        kind: a frozen dataclass of Authwire.
        model: has attributes named like the fields.
        database: where the rows are.

        key: the fields that make a row unique.

    Raises:
        TypeError: if a field has no column, or the key is not unique.
    """

    def __init__(self, kind: type[V], model: type[Any], database: Database, *key: str) -> None:
        self.kind = kind
        self.model = model
        self.database = database
        self.names = [item.name for item in fields(kind)]  # type: ignore[arg-type]  # always a dataclass
        self.label: str = meta(model).label
        present = {field.attname for field in meta(model).concrete_fields}
        if missing := [name for name in self.names if name not in present]:
            raise TypeError(f"{self.label} has no column for {kind.__name__}.{missing[0]}")
        require_key(model, *key)
        self._ascii = {
            field.attname
            for field in meta(model).concrete_fields
            if getattr(field, "ascii_only", False)
        }
        self.owner: Any = None
        """The field of the primary key of users, if these rows belong to users."""
        if "user_id" in self.names:
            self.owner = meta(model).get_field("user").target_field

    @property
    def all(self) -> Any:
        return self.database.rows(self.model)

    def stored(self, name: str, value: Any) -> Any:
        """A field's value as the row has it."""
        if isinstance(value, datetime):
            return moment(value)
        if name == "user_id":
            return parsed_key(self.owner, value)
        return copy.deepcopy(dict(value)) if isinstance(value, Mapping) else value

    def value(self, row: Any) -> V:
        found: dict[str, Any] = {}
        for name in self.names:
            value = getattr(row, name)
            if isinstance(value, datetime):
                value = moment(value)
            found[name] = str(value) if name == "user_id" else value
        return self.kind(**found)

    def matching(self, rows: Any, key: Mapping[str, str]) -> list[Any]:
        """The rows that have ``key`` byte for byte, whatever the collation says."""
        if any(name in self._ascii and not text.isascii() for name, text in key.items()):
            return []  # MySQL refuses to compare them
        found = rows.filter(**key).order_by("pk")
        return [row for row in found if all(getattr(row, k) == key[k] for k in key)]

    def row(self, **key: str) -> Any:
        return next(iter(self.matching(self.all, key)), None)

    def find(self, **key: str) -> V | None:
        row = self.row(**key)
        return None if row is None else self.value(row)

    def of_user(self, user_id: str) -> Any:
        """A query of the rows of a user; of none if there can be no such id."""
        owner = parsed_key(self.owner, user_id)
        return self.all.none() if owner is None else self.all.filter(user_id=owner)

    def list_of_user(self, user_id: str) -> list[V]:
        found = (self.value(row) for row in self.of_user(user_id).order_by("pk"))
        return [value for value in found if getattr(value, "user_id", None) == user_id]

    def insert(self, value: V, message: str, **key: str) -> V:
        """Store a row.

        Args:
            value: the row.
            message: what to say if there is one with the same ``key``.
            key: the unique fields.

        Raises:
            AdapterError: if so, or if its user is unknown.
        """
        owner = value.user_id if self.owner is not None else None  # type: ignore[attr-defined]  # such rows have it
        if owner is not None and parsed_key(self.owner, owner) is None:
            raise refused(NO_SUCH_USER)

        def prepare() -> Callable[[], V]:
            row = self.model(
                **{name: self.stored(name, getattr(value, name)) for name in self.names}
            )
            return lambda: write(row)

        def write(row: Any) -> V:
            row.save(force_insert=True, using=self.database.alias)
            # In a transaction of the caller's, the reference is checked only at its end.
            if owner is not None and self.database.nested and not self._is_user(owner):
                raise refused(NO_SUCH_USER)
            return self.value(row)

        def blame() -> str | None:
            if self.all.filter(**key).exists():
                return message
            return NO_SUCH_USER if owner is not None and not self._is_user(owner) else None

        return self.database.write(prepare, blame, alone=True)

    def _is_user(self, user_id: str) -> bool:
        users = self.database.rows(self.owner.model)
        return bool(users.filter(pk=parsed_key(self.owner, user_id)).exists())

    def update(self, changes: Mapping[str, Any], **key: str) -> V | None:
        """Change the row; None if there is none.

        Raises:
            TypeError: if there is no such field.
        """
        if unknown := [name for name in changes if name not in self.names]:
            raise TypeError(f"{self.kind.__name__} has no field {unknown[0]!r}")
        row = self.row(**key)
        if row is None:
            return None
        new = {name: self.stored(name, value) for name, value in changes.items()}
        if new and not self.all.filter(pk=row.pk).update(**new):
            return None
        for name, value in new.items():
            setattr(row, name, value)
        return self.value(row)

    def take(self, **key: str) -> V | None:
        """Delete the row and return it: the one whose statement deleted it is the only one."""
        row = self.row(**key)
        return (
            None if row is None or not self.delete(self.all.filter(pk=row.pk)) else self.value(row)
        )

    def take_all(self, **key: str) -> V | None:
        """As `take`, if there may be several rows: all go, the oldest is returned and decides."""
        rows = self.matching(self.all, key)
        if not rows:
            return None
        with self.database.atomic():
            if not self.delete(self.all.filter(pk=rows[0].pk)):
                return None
            if others := [row.pk for row in rows[1:]]:
                self.delete(self.all.filter(pk__in=others))
        return self.value(rows[0])

    def delete(self, rows: Any) -> int:
        """Delete what a query finds, and say how many rows that were."""
        _, deleted = rows.delete()
        return int(deleted.get(self.label, 0))

    def delete_expired(self, now: datetime, limit: int | None) -> int:
        """Delete rows that expired before ``now``, a row that is moved on meanwhile not."""
        expired = self.all.filter(expires__lt=now)
        if limit is None:
            return self.delete(expired)
        # MySQL takes no LIMIT in a subquery of IN, so the keys are read first.
        keys = list(expired.values_list("pk", flat=True)[:limit])
        batches = (keys[at : at + _BATCH] for at in range(0, len(keys), _BATCH))
        return sum(self.delete(expired.filter(pk__in=batch)) for batch in batches)
