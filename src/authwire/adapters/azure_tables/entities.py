"""Rows as entities: flat properties of a few types, and none that is empty."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from azure.data.tables import EdmType, EntityProperty

from authwire.adapters._documents import Documents

__all__ = ["Entities", "Entity"]

V = TypeVar("V")
Entity = dict[str, Any]
_LONGEST: Final = 15_000
"""Characters of one property: it may have 64 KiB in UTF-16, where a character has up to 4 bytes."""
_KEYS: Final = ("PartitionKey", "RowKey")


class Entities(Generic[V]):
    """The entities of one model.

    What a property cannot say by itself is said in the property ``types``: ``name:null:0`` for None,
    ``extra:json:1`` for lists and mappings, ``id_token:text:3`` for what lies in three properties.

    Raises:
        TypeError: if the model has a field whose name cannot be a property's.
    """

    def __init__(self, kind: type[V]) -> None:
        self.documents = Documents(kind)
        for name in self.documents.keys:
            if name in (*_KEYS, "Timestamp", "gone", "types") or "__" in name:
                raise TypeError(f"{kind.__name__} cannot have a field {name!r}: rows use the name")

    def dump(self, value: V) -> Entity:
        """The properties, without keys.

        Raises:
            TypeError: if a value has no form in which it can be kept.
            ValueError: if a time has no time zone.
        """
        entity: Entity = {}
        types = []
        for name, raw in self.documents.dump(value).items():
            kind, parts = _parts(raw)
            if kind:
                types.append(f"{name}:{kind}:{len(parts)}")
            entity |= dict(zip(_names(name, len(parts)), parts, strict=True))
        return entity | {"types": " ".join(types)}

    def update(self, old: Mapping[str, Any], value: V) -> Entity:
        """``old`` with the fields of ``value``; properties that are none of them stay."""
        new = self.dump(value)
        mine = self.documents.keys
        kept = {
            name: item
            for name, item in old.items()
            if name.partition("__")[0] not in mine and name != "types"
        }
        others = [item for item in _types(old) if item.partition(":")[0] not in mine]
        return kept | new | {"types": " ".join([*others, *_types(new)])}

    def load(self, entity: Mapping[str, Any]) -> V:
        document = {name: _plain(entity[name]) for name in self.documents.keys if name in entity}
        for item in _types(entity):
            name, kind, count = item.split(":")
            text = "".join(entity[part] for part in _names(name, int(count)))
            document[name] = (
                None if kind == "null" else text if kind == "text" else json.loads(text)
            )
        return self.documents.load(document)


def _parts(value: Any) -> tuple[str, list[Any]]:
    """The entry in ``types``, if one is needed, and what goes into properties."""
    match value:
        case None:
            return "null", []
        case bool() | float() | bytes() | datetime():
            return "", [value]
        case int() if -(2**63) <= value < 2**63:
            return "", [EntityProperty(value, EdmType.INT64)]
        case str():
            kind, text = "text", value
        case _:
            kind, text = "json", json.dumps(value, ensure_ascii=False)
    parts = [text[start : start + _LONGEST] for start in range(0, len(text) or 1, _LONGEST)]
    return "" if kind == "text" and len(parts) == 1 else kind, parts


def _plain(value: Any) -> Any:
    if isinstance(value, EntityProperty):
        return value.value
    if isinstance(value, datetime):
        return datetime.combine(value.date(), value.timetz())  # not the driver's subclass
    return value


def _names(name: str, count: int) -> Iterator[str]:
    yield from [name] if count == 1 else (f"{name}__{n}" for n in range(count))


def _types(entity: Mapping[str, Any]) -> list[str]:
    return str(entity.get("types", "")).split()
