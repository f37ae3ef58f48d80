"""Models as records: keys are in the record's id, owners are links, None inside a value is NULL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any, Final, Generic, TypeVar

from surrealdb import RecordID
from surrealdb.cbor import CBORSimpleValue

from authwire.adapters._documents import Documents

__all__ = ["Records", "user_link"]

V = TypeVar("V")

_NULL: Final = CBORSimpleValue(22)
"""The driver sends None as NONE, which takes the key out of an object; this is NULL (RFC 8949 §3.3)."""


def user_link(user_id: str) -> RecordID:
    """The record of a user."""
    return RecordID("user", user_id)


class Records(Generic[V]):
    """One model and its table."""

    def __init__(self, table: str, kind: type[V], *key: str) -> None:
        self._table = table
        self._documents = Documents(kind)
        declared: tuple[Field[Any], ...] = fields(kind)  # type: ignore[arg-type]  # always a dataclass
        self._left_out = {item.name for item in declared if item.default is None}
        """What is not written if it is None, since it is read as None without that."""
        self._key = key
        """The fields that make up the id, if it is not a field itself."""

    def record_id(self, *key: str) -> RecordID:
        """The id of the record with this key."""
        return RecordID(self._table, key[0] if len(key) == 1 else list(key))

    def id_of(self, value: V) -> RecordID:
        return self.record_id(*(getattr(value, name) for name in self._key))

    def dump(self, value: V) -> dict[str, Any]:
        """The record without its id."""
        document = self._documents.dump(value)
        document.pop("id", None)
        return {name: item for name, item in self._stored(document).items() if item is not None}

    def dump_changes(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """The changed fields, those that are to be cleared too.

        Raises:
            TypeError: if there is no such field.
        """
        document = self._documents.dump_fields(changes)
        document.pop("id", None)
        return self._stored(document)

    def load(self, record: Mapping[str, Any]) -> V:
        document = dict(record)
        document["id"] = str(record["id"].id)
        if isinstance(record.get("user_id"), RecordID):
            document["user_id"] = str(record["user_id"].id)
        return self._documents.load(document)

    def load_first(self, records: list[Any]) -> V | None:
        return self.load(records[0]) if records else None

    def _stored(self, document: dict[str, Any]) -> dict[str, Any]:
        if "user_id" in document:
            document["user_id"] = user_link(document["user_id"])
        return {
            name: None if value is None and name in self._left_out else _inside(value)
            for name, value in document.items()
        }


def _inside(value: Any) -> Any:
    if value is None:
        return _NULL
    if isinstance(value, Mapping):
        return {key: _inside(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_inside(item) for item in value]
    return value
