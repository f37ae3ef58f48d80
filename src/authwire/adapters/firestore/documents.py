"""Rows as documents, and the ids that they have."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from authwire.adapters._documents import Documents

__all__ = ["TOUCHED", "Rows", "digest", "user_name"]

V = TypeVar("V")
TOUCHED: Final = "touched"
"""A field of users that changes with every row that is added to theirs."""
_PLAIN: Final = re.compile(r"(?!__)[A-Za-z0-9_-]{1,128}")


def digest(*values: str) -> str:
    """SHA-256 of the values as JSON, in hexadecimal digits: not every value may be an id."""
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def user_name(user_id: str) -> str:
    """The id of a user's document: the user's own if it can be one, so that people find it."""
    return user_id if _PLAIN.fullmatch(user_id) else f"~{digest(user_id)}"


class Rows(Generic[V]):
    """The documents of one model.

    Raises:
        TypeError: if the model has a field whose name the documents need.
    """

    def __init__(self, kind: type[V]) -> None:
        self.documents = Documents(kind)
        if TOUCHED in self.documents.keys:
            raise TypeError(f"{kind.__name__} cannot have a field {TOUCHED!r}: rows use the name")

    def dump(self, value: V) -> dict[str, Any]:
        return self.dump_fields({name: getattr(value, name) for name in self.documents.keys})

    def dump_fields(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Some fields.

        Raises:
            TypeError: if there is no such field.
            ValueError: if a time has no time zone.
        """
        document = self.documents.dump_fields(changes)
        if "extra" in changes:
            # As text: Firestore has no lists in lists, and not every key may be a field.
            document["extra"] = json.dumps(document["extra"], ensure_ascii=False)
        return document

    def load(self, document: Mapping[str, Any]) -> V:
        found = {name: _plain(value) for name, value in document.items()}
        if isinstance(found.get("extra"), str) and "extra" in self.documents.keys:
            found["extra"] = json.loads(found["extra"])
        return self.documents.load(found)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return datetime.combine(value.date(), value.timetz())  # not the driver's subclass
    return value
