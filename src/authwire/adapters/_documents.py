"""Models as documents: flat mappings, for databases without columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from datetime import UTC, datetime
from typing import Any, Final, Generic, Literal, TypeVar

from authwire.wire import iso, wire_name

__all__ = ["DocumentNaming", "Documents", "Moments"]

V = TypeVar("V")

DocumentNaming = Literal["snake", "authjs"]
"""The names of the keys: the fields' own, or Auth.js' (``userId``, ``sessionToken``)."""
Moments = Literal["native", "iso"]
"""How times are kept: as ``datetime`` in UTC, or as ISO 8601 text."""
_MOMENTS: Final = frozenset({"expires", "email_verified"})


class Documents(Generic[V]):
    """Turns the values of one model into documents and back.

    Args:
        kind: a frozen dataclass of Authwire, or a subclass.
        naming: with ``authjs``, ``Account.extra`` lies flat among the other keys, as Auth.js puts it.
        moments: ``iso`` keeps microseconds, but writes milliseconds as JavaScript does with ``authjs``.
        empty: whether a field that is None is written, or left out.
    """

    def __init__(
        self,
        kind: type[V],
        *,
        naming: DocumentNaming = "snake",
        moments: Moments = "native",
        empty: bool = True,
    ) -> None:
        self.kind = kind
        self.naming = naming
        self.moments = moments
        self.empty = empty
        declared: tuple[Field[Any], ...] = fields(kind)  # type: ignore[arg-type]  # always a dataclass
        self.keys: dict[str, str] = {
            item.name: wire_name(kind, item.name) if naming == "authjs" else item.name
            for item in declared
        }
        """The document's key of each field."""
        self._required = {
            item.name
            for item in declared
            if item.default is MISSING and item.default_factory is MISSING
        }

    def dump(self, value: V) -> dict[str, Any]:
        """A new document."""
        return self.dump_fields({name: getattr(value, name) for name in self.keys})

    def dump_fields(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Some fields as they are kept; what is None stays in only if ``empty``.

        Raises:
            TypeError: if there is no such field.
            ValueError: if a time has no time zone.
        """
        document: dict[str, Any] = {}
        for name, value in changes.items():
            if name not in self.keys:
                raise TypeError(f"{self.kind.__name__} has no field {name!r}")
            if name == "extra" and self.naming == "authjs":
                document |= {key: item for key, item in value.items() if key not in document}
            elif value is not None or self.empty:
                document[self.keys[name]] = self._dumped(value)
        return document

    def load(self, document: Mapping[str, Any]) -> V:
        """The value. Keys that are no field are left out, but for an account's with ``authjs``."""
        values: dict[str, Any] = {}
        for name, key in self.keys.items():
            if key in document and not (name == "extra" and self.naming == "authjs"):
                values[name] = self._loaded(name, document[key])
            elif name in self._required:
                values[name] = None
        if "extra" in self.keys:
            if self.naming == "authjs":
                known = {*self.keys.values(), "id", "_id"}
                values["extra"] = {k: item for k, item in document.items() if k not in known}
            elif values.get("extra") is None:
                values.pop("extra", None)
        return self.kind(**values)

    def _dumped(self, value: Any) -> Any:
        if isinstance(value, datetime):
            if value.utcoffset() is None:
                raise ValueError("a time without a time zone cannot be stored")
            utc = value.astimezone(UTC)
            if self.moments == "native":
                return utc
            return iso(utc) if self.naming == "authjs" else utc.isoformat()
        return dict(value) if isinstance(value, Mapping) else value

    def _loaded(self, name: str, value: Any) -> Any:
        if isinstance(value, str) and name in _MOMENTS:
            value = datetime.fromisoformat(value)
        if isinstance(value, datetime):
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return value
