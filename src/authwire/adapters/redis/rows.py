"""Rows as JSON, and moments as milliseconds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, TypeVar, get_args, get_type_hints

from authwire.adapters._documents import Documents
from authwire.models import AdapterSession, VerificationToken

__all__ = ["Rows", "from_ms", "to_ms", "whole_ms"]

V = TypeVar("V")
Expiring = TypeVar("Expiring", AdapterSession, VerificationToken)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Rows(Generic[V]):
    """The values of one model as JSON objects, with the fields' own names and times as ISO 8601."""

    def __init__(self, kind: type[V]) -> None:
        self.kind = kind
        self._documents = Documents(kind, moments="iso")
        self._moments = _moments(kind)

    def dump(self, value: V) -> str:
        if not isinstance(value, self.kind):  # a `User` that a provider made has no fields of yours
            given = fields(value)  # type: ignore[arg-type]  # always a dataclass
            value = self.kind(**{item.name: getattr(value, item.name) for item in given})
        return _json(self._documents.dump(value))

    def load(self, text: str) -> V:
        document = json.loads(text)
        for name in self._moments & document.keys():
            if isinstance(document[name], str):
                document[name] = datetime.fromisoformat(document[name])
        return self._documents.load(document)

    def changed(self, text: str, changes: Mapping[str, Any]) -> str:
        """``text`` with other values in some fields; what is in it beside the fields stays.

        Raises:
            TypeError: if there is no such field.
        """
        return _json(json.loads(text) | self._documents.dump_fields(changes))


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"))


def _moments(kind: type[Any]) -> set[str]:
    """The fields that hold a time. Those of a class whose annotations have no meaning here: none."""
    try:
        hints = get_type_hints(kind)
    except NameError:
        return set()
    return {name for name, hint in hints.items() if datetime in (hint, *get_args(hint))}


def to_ms(moment: datetime) -> str:
    """Milliseconds since 1970, at least 1: Redis takes no other expiry.

    Raises:
        ValueError: if the time has no time zone.
    """
    if moment.utcoffset() is None:
        raise ValueError("a time without a time zone cannot be stored")
    return str(max(1, (moment - EPOCH) // timedelta(milliseconds=1)))


def from_ms(text: str) -> datetime:
    """The moment, in UTC."""
    return EPOCH + timedelta(milliseconds=int(float(text)))


def whole_ms(row: Expiring) -> Expiring:
    """The row as it is kept: its expiry in whole milliseconds."""
    return replace(row, expires=from_ms(to_ms(row.expires)))
