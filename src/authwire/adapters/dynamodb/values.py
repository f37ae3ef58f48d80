"""Rows as DynamoDB keeps them: typed attributes, keys that tell kinds apart, and an expiry time."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, Generic, TypeVar

from authwire.adapters._documents import Documents

__all__ = ["Item", "Row", "dump", "key_of", "load", "named"]

V = TypeVar("V")
Item = dict[str, Any]
"""Attributes by name, each as ``{type: value}``."""
_LONGEST: Final = 960
"""Bytes of a value inside a key. Sort keys end at 1024 bytes."""


def dump(value: Any) -> dict[str, Any]:
    """An attribute.

    Raises:
        TypeError: if DynamoDB has no type for it.
    """
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int() | float():
            return {"N": repr(value)}
        case str():
            return {"S": value}
        case bytes():
            return {"B": value}
        case datetime():
            return {"S": value.astimezone(UTC).isoformat()}
        case Mapping():
            return {"M": {str(name): dump(item) for name, item in value.items()}}
        case list() | tuple():
            return {"L": [dump(item) for item in value]}
    raise TypeError(f"DynamoDB cannot keep a {type(value).__name__}")


def load(attribute: Mapping[str, Any]) -> Any:
    """The value of an attribute. A float without a fraction comes back as an int."""
    ((kind, value),) = attribute.items()
    match kind:
        case "NULL":
            return None
        case "N":
            number = Decimal(value)
            return int(number) if number == number.to_integral_value() else float(number)
        case "M":
            return {name: load(item) for name, item in value.items()}
        case "L":
            return [load(item) for item in value]
    return value


def named(kind: str, value: str) -> str:
    """``KIND#value``; what is too long for a key goes in as its hash, under a kind of its own."""
    raw = value.encode("utf-8", "surrogatepass")
    if len(raw) <= _LONGEST:
        return f"{kind}#{value}"
    return f"{kind}-SHA256#{hashlib.sha256(raw).hexdigest()}"


def key_of(pk: str, sk: str | None = None) -> Item:
    """A primary key."""
    return {"pk": {"S": pk}, "sk": {"S": pk if sk is None else sk}}


class Row(Generic[V]):
    """The rows of one model.

    Args:
        kind: the model.
        ends: whether the service may drop a row after ``expires``.

    Raises:
        TypeError: if the model has a field whose name the table needs.
    """

    reserved: Final = frozenset({"pk", "sk", "GSI1PK", "GSI1SK", "ttl"})

    def __init__(self, kind: type[V], *, ends: bool = False) -> None:
        self.ends = ends
        self.documents = Documents(kind, moments="iso")
        if clash := self.reserved.intersection(self.documents.keys):
            raise TypeError(
                f"{kind.__name__} cannot have a field {min(clash)!r}: rows use the name"
            )
        declared: Any = kind
        self._moments = [item.name for item in fields(declared) if "datetime" in str(item.type)]

    def dump(self, value: V) -> Item:
        return self.dump_fields({name: getattr(value, name) for name in self.documents.keys})

    def dump_fields(self, changes: Mapping[str, Any]) -> Item:
        """Some attributes.

        Raises:
            TypeError: if there is no such field.
            ValueError: if a time has no time zone.
        """
        document = self.documents.dump_fields(changes)
        item = {name: dump(value) for name, value in document.items()}
        if self.ends and "expires" in changes:
            # Whole seconds, rounded up: a row must not vanish early.
            item["ttl"] = {"N": str(math.ceil(changes["expires"].timestamp()))}
        return item

    def load(self, item: Item) -> V:
        document = {name: load(item[name]) for name in self.documents.keys if name in item}
        for name in self._moments:
            if isinstance(document.get(name), str):
                document[name] = datetime.fromisoformat(document[name])
        return self.documents.load(document)
