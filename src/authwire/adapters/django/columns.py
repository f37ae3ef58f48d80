"""Which field of a user is kept where: in a column of the user model, or in the detail row."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Final, Generic

from django.db import models  # type: ignore[import-untyped]  # Django has no types

from authwire.adapters.django.database import is_unique, meta, moment, parsed_key
from authwire.models import U

__all__ = ["Columns"]

STANDARD: Final = ("name", "email", "email_verified", "image")
"""The fields of `User` that a detail row can hold."""
_PARTS: Final = ("first_name", "last_name")


class Columns(Generic[U]):
    """The user model, read and written as a `User`.

    Where the user model has an ``email`` or the parts of a name, its own columns decide: the admin
    and forms write to them. The detail row tells what they cannot, as long as it agrees with them.

    Args:
        kind: the dataclass, a `User` or a subclass.
        model: the user model.
        named: the column of a field, where it isn't the field's own name.

    Raises:
        TypeError: if a field has no column.
    """

    def __init__(self, kind: type[U], model: type[Any], named: Mapping[str, str]) -> None:
        self.kind = kind
        self.model = model
        self.key = meta(model).pk
        self.names = [item.name for item in fields(kind) if item.name != "id"]
        present = {field.name: field for field in meta(model).concrete_fields}
        label = meta(model).label
        if unknown := [name for name in named if name not in self.names]:
            raise TypeError(f"{kind.__name__} has no field {unknown[0]!r}")
        self.own: dict[str, Any] = {}
        """The columns of the user model, by the field's name."""
        for name in self.names:
            column = named.get(name, name)
            if column in present:
                self.own[name] = present[column]
            elif name in named or name not in STANDARD:
                raise TypeError(f"{label} has no column {column!r} for {kind.__name__}.{name}")
        self.elsewhere = frozenset(STANDARD) - self.own.keys()
        """The fields that are in the detail row."""
        self.parted = "name" in self.elsewhere and present.keys() >= set(_PARTS)
        """Whether the name is in the user model too, in two parts."""
        self.unique_email = "email" in self.own and is_unique(model, self.own["email"].name)
        self.detailed = bool(self.elsewhere) or not self.unique_email

    # --- reading --------------------------------------------------------------------------------

    def value(self, row: Any, detail: Any) -> U:
        """The user, from a row of the user model and its detail row, if there is one."""
        found: dict[str, Any] = {"id": str(row.pk)}
        for name, field in self.own.items():
            value = getattr(row, field.attname)
            if value == "" and name in STANDARD and not field.null:
                value = None
            found[name] = value
        for name in self.elsewhere:
            found[name] = None if detail is None else getattr(detail, name)
        if not self.agrees(row, detail) and "email_verified" in self.elsewhere:
            found["email_verified"] = None
        if self.parted:
            parts = tuple(getattr(row, part) for part in _PARTS)
            if parts != self._parts(row, found["name"]):
                found["name"] = " ".join(filter(None, parts)) or None
        for name, value in found.items():
            if isinstance(value, datetime):
                found[name] = moment(value)
        return self.kind(**found)

    def email(self, row: Any) -> str | None:
        """The address in the user model, if it has a place for one."""
        return getattr(row, self.own["email"].attname) or None

    def agrees(self, row: Any, detail: Any) -> bool:
        """Whether the detail row is about the address that the user has."""
        if detail is None:
            return False
        return "email" not in self.own or detail.email == self.email(row)

    def require(self, names: Iterable[str]) -> None:
        """Refuse what is no field.

        Raises:
            TypeError: if there is no such field.
        """
        if unknown := [name for name in names if name not in {"id", *self.names}]:
            raise TypeError(f"{self.kind.__name__} has no field {unknown[0]!r}")

    # --- writing --------------------------------------------------------------------------------

    def new_row(self, user: U, more: Mapping[str, Any]) -> Any:
        """A row that is not stored yet. Its user has no password and a name that tells nothing.

        Args:
            user: what to store.
            more: columns that are no fields of ``user``.
        """
        row = self.model()
        key = None
        if isinstance(self.key, (models.CharField, models.TextField, models.UUIDField)):
            key = parsed_key(self.key, user.id)
        if key is not None:
            row.pk = key
        self.set(row, {name: getattr(user, name) for name in self.names})
        name = self.login_name()
        if name is not None:
            length = name.max_length or 36
            text = str(uuid.uuid4() if key is None else key)
            setattr(row, name.attname, text if len(text) <= length else uuid.uuid4().hex[:length])
        if hasattr(row, "set_unusable_password"):
            row.set_unusable_password()
        for column, value in more.items():
            setattr(row, column, value)
        return row

    def set(self, row: Any, changes: Mapping[str, Any]) -> list[str]:
        """Write fields to a row of the user model, and say which columns those are."""
        columns: list[str] = []
        for name, field in self.own.items():
            if name in changes:
                value = changes[name]
                if isinstance(value, datetime):
                    value = moment(value)
                if name == "email":
                    value = value or None
                if value is None and name in STANDARD and not field.null:
                    value = ""
                setattr(row, field.attname, value)
                columns.append(field.name)
        if self.parted and "name" in changes:
            for part, value in zip(_PARTS, self._parts(row, changes["name"]), strict=True):
                setattr(row, part, value)
                columns.append(part)
        return columns

    def detail_values(self, user: U) -> dict[str, Any]:
        """All columns of the detail row."""
        values = {name: getattr(user, name) for name in self.elsewhere}
        if "email_verified" in values:
            values["email_verified"] = moment(user.email_verified)
        return values | {"email": user.email or None}

    def _parts(self, row: Any, name: str | None) -> tuple[str, str]:
        """``name`` in two parts, each cut to what its column holds."""
        first, _, last = (name or "").strip().partition(" ")
        lengths = [meta(row).get_field(part).max_length for part in _PARTS]
        return first[: lengths[0]], last.strip()[: lengths[1]]

    def login_name(self) -> Any:
        """The column that each user must have another text in, if it is none of ours."""
        ours = {field.name for field in self.own.values()} | {self.key.name}
        for name in (getattr(self.model, "USERNAME_FIELD", None), "username"):
            for field in meta(self.model).concrete_fields:
                if field.name == name and name not in ours and isinstance(field, models.CharField):
                    return field
        return None
