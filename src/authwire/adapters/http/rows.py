"""Models as JSON: Auth.js' names, times as ``{"$date": …}``, what is empty left out."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from typing import (
    Any,
    Final,
    Generic,
    Literal,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from authwire.adapters._documents import Documents
from authwire.models import (
    Account,
    AdapterSession,
    Authenticator,
    User,
    VerificationToken,
)

__all__ = ["Malformed", "Rows", "Tables", "pack", "unpack"]

V = TypeVar("V")

_OURS: Final = (User, Account, AdapterSession, VerificationToken, Authenticator)


class Malformed(ValueError):
    """JSON that is not what the protocol asks for. The message quotes no values."""


def pack(value: Any) -> Any:
    """``value`` as plain JSON. Times get milliseconds, or microseconds if they have them.

    Raises:
        ValueError: if a time has no time zone.
    """
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise ValueError("a time without a time zone cannot be sent")
        digits = "microseconds" if value.microsecond % 1000 else "milliseconds"
        text = value.astimezone(UTC).isoformat(timespec=digits)
        return {"$date": text.replace("+00:00", "Z")}
    if isinstance(value, Mapping):
        return {key: pack(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [pack(item) for item in value]
    return value


def unpack(value: Any) -> Any:
    """The opposite of `pack`.

    Raises:
        Malformed: if a time cannot be read.
    """
    if isinstance(value, list):
        return [unpack(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"$date"} and isinstance(value["$date"], str):
        try:
            moment = datetime.fromisoformat(value["$date"])
            if moment.utcoffset() is not None:
                return moment.astimezone(UTC)
        except (OverflowError, ValueError):
            pass
        raise Malformed("a time is not ISO 8601 with a time zone")
    return {key: unpack(item) for key, item in value.items()}


class Rows(Generic[V]):
    """One model and its JSON."""

    def __init__(self, kind: type[V]) -> None:
        self._documents = Documents(kind, naming="authjs")
        self._fields = {key: name for name, key in self._documents.keys.items() if name != "extra"}
        """The field of each key."""
        self._open = "extra" in self._documents.keys
        declared = fields(kind)  # type: ignore[arg-type]  # always a dataclass
        self._left_out = {item.name for item in declared if item.default is None}
        self._required = {
            self._documents.keys[item.name]
            for item in declared
            if item.default is MISSING and item.default_factory is MISSING
        } | ({"id", "userId"} & self._fields.keys())
        base = next(base for base in _OURS if issubclass(kind, base))
        self._hints = {name: hint for name, hint in get_type_hints(base).items() if name != "extra"}

    def dump(self, value: V, *, whole: bool = False) -> dict[str, Any]:
        """``value`` as JSON. What is None is left out, unless ``whole``, or None is not the default."""
        document = self._documents.dump(value)
        for key, name in self._fields.items():
            if document[key] is None and name in self._left_out and not whole:
                del document[key]
        packed: dict[str, Any] = pack(document)
        return packed

    def dump_changes(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Some fields as JSON; None is ``null``.

        Raises:
            TypeError: if there is no such field.
        """
        packed: dict[str, Any] = pack(self._documents.dump_fields(changes))
        return packed

    def load(self, document: Any) -> V:
        """The value; keys that are no field are left out, but for an account's.

        Raises:
            Malformed: if a key is missing or has the wrong type.
        """
        return self._loaded(document, self._required)

    def load_new(self, document: Any) -> V:
        """As `load`, for a row to be stored: none of its keys may be lost.

        Raises:
            TypeError: if a key is no field.
            Malformed: as `load`.
        """
        if isinstance(document, dict) and not self._open:
            self._known(document)
        return self._loaded(document, self._required - {"id"})

    def load_changes(self, document: Any) -> dict[str, Any]:
        """The changed fields, by their Python names.

        Raises:
            TypeError: if a key is no field.
            Malformed: if a value has the wrong type.
        """
        found = self._checked(document)
        self._known(found)
        return {self._fields[key]: value for key, value in found.items()}

    def _loaded(self, document: Any, required: set[str]) -> V:
        found = self._checked(document)
        if missing := required - found.keys():
            raise Malformed(f"a row lacks {', '.join(sorted(missing))}")
        return self._documents.load(found)

    def _known(self, document: Mapping[str, Any]) -> None:
        if document.keys() - self._fields.keys():
            # Keys come from outside: they are not repeated.
            raise TypeError(f"{self._documents.kind.__name__} has no such field")

    def _checked(self, document: Any) -> dict[str, Any]:
        if not isinstance(document, dict):
            raise Malformed("a row is no JSON object")
        found: dict[str, Any] = unpack(document)
        for key, value in found.items():
            hint = self._hints.get(self._fields.get(key, ""))
            if hint is not None and not _fits(value, hint):
                raise Malformed(f"{key} has the wrong type")
        return found


class Tables(Generic[V]):
    """The five models."""

    def __init__(self, user: type[V]) -> None:
        self.user = Rows(user)
        self.account = Rows(Account)
        self.session = Rows(AdapterSession)
        self.token = Rows(VerificationToken)
        self.authenticator = Rows(Authenticator)


def _fits(value: Any, hint: Any) -> bool:
    """Whether ``value`` is of a type that our models use."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return any(_fits(value, option) for option in get_args(hint))
    if origin is Literal:
        # Auth.js lets any word pass; what it means is for the core to decide.
        return isinstance(value, str)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint)
