"""Header fields, which are decoded when they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

__all__ = ["Headers"]


class Headers:
    """An immutable list of header fields with case-insensitive lookup; repeated fields are kept."""

    __slots__ = ("_known",)

    def __init__(self, items: Iterable[tuple[str, str]] = ()) -> None:
        self._known: tuple[tuple[str, str], ...] | None = tuple(
            (name.lower(), value) for name, value in items
        )

    @staticmethod
    def of_bytes(raw: Iterable[tuple[bytes, bytes]]) -> Headers:
        """Fields as ASGI has them. They are decoded when they are asked for: most never are."""
        return _RawHeaders(raw)

    @staticmethod
    def of_environ(environ: Mapping[str, Any]) -> Headers:
        """Fields as WSGI has them (PEP 3333). Their names are spelt out when somebody wants all."""
        return _EnvironHeaders(environ)

    @property
    def _items(self) -> tuple[tuple[str, str], ...]:
        if self._known is None:
            self._known = self._read()
        return self._known

    def _read(self) -> tuple[tuple[str, str], ...]:
        """All fields, where they are not known from the start."""
        raise NotImplementedError

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of ``name``."""
        name = name.lower()
        for known, text in self._items:
            if known == name:
                return text
        return default

    def get_all(self, name: str) -> list[str]:
        """Every value of ``name``, in order."""
        name = name.lower()
        return [value for key, value in self._items if key == name]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._items == other._items

    def __hash__(self) -> int:
        return hash(self._items)

    def __repr__(self) -> str:
        # Values may be secrets (Cookie, Authorization): only names are shown.
        return f"Headers({', '.join(name for name, _ in self._items)})"


class _RawHeaders(Headers):
    """See `Headers.of_bytes`."""

    __slots__ = ("_first", "_raw")

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self._known = None
        self._raw = raw if isinstance(raw, list | tuple) else tuple(raw)
        self._first: dict[bytes, bytes] | None = None

    def _read(self) -> tuple[tuple[str, str], ...]:
        return tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in self._raw
        )

    def get(self, name: str, default: str | None = None) -> str | None:
        if self._first is None:
            self._first = {key.lower(): value for key, value in reversed(self._raw)}
        value = self._first.get(_sent_name(name))
        return default if value is None else value.decode("latin-1")

    def get_all(self, name: str) -> list[str]:
        wanted = _sent_name(name)
        return [value.decode("latin-1") for key, value in self._raw if key.lower() == wanted]


@lru_cache(maxsize=64)
def _sent_name(name: str) -> bytes:
    return name.lower().encode("latin-1")


class _EnvironHeaders(Headers):
    """See `Headers.of_environ`."""

    __slots__ = ("_fields",)

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._known = None
        # Not the environment itself: it may change, and keeps what keeps these headers.
        self._fields = {key: value for key, value in environ.items() if key.startswith("HTTP_")}
        for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            if environ.get(key):
                self._fields[f"HTTP_{key}"] = environ[key]

    def _read(self) -> tuple[tuple[str, str], ...]:
        return tuple(
            (key[5:].replace("_", "-").lower(), value) for key, value in self._fields.items()
        )

    def get(self, name: str, default: str | None = None) -> str | None:
        return self._fields.get("HTTP_" + name.upper().replace("-", "_"), default)

    def get_all(self, name: str) -> list[str]:
        value = self.get(name)
        return [] if value is None else [value]
