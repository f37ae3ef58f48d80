"""Pages are compiled once into strings with slots, then filled for each request.

A slot is written ``slot("name")``. Values are escaped when they are filled in, unless they are
`markupsafe.Markup` already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

__all__ = ["Template", "clean", "fill_text", "plain_text", "slot"]

_SLOT = re.compile("\0([a-z_]+)\0")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def clean(value: str) -> Markup:
    """Escape what is not `Markup`, and drop NUL: HTML has no use for it, and we mark slots with it."""
    return value if isinstance(value, Markup) else escape(value.replace("\0", ""))


def slot(name: str) -> Markup:
    """A place to be filled later."""
    return Markup(f"\0{name}\0")  # noqa: S704 - the names are our own literals


def fill_text(text: str, **values: str) -> Markup:
    """``text`` escaped, its ``{placeholders}`` replaced by escaped values; unknown ones stay."""

    def value(match: re.Match[str]) -> str:
        found = values.get(match[1])
        return match[0] if found is None else str(clean(found))

    # Both the text around the placeholders and each value have been escaped by now.
    return Markup(_PLACEHOLDER.sub(value, str(clean(text))))  # noqa: S704  # cleaned


def plain_text(text: str, **values: str) -> str:
    """``text`` with its ``{placeholders}`` replaced, for where there is no markup."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)


class Template:
    """Escaped HTML with slots."""

    __slots__ = ("_names", "_parts", "_slots")

    def __init__(self, html: Markup) -> None:
        parts = _SLOT.split(html)
        self._slots = tuple(parts[1::2])
        self._names = frozenset(self._slots)
        self._parts = [part.encode("utf-8", "replace") for part in parts]

    def fill(self, values: Mapping[str, str]) -> bytes:
        """The page in UTF-8; lone surrogates become ``?``.

        Raises:
            KeyError: if a slot's value is missing.
        """
        escaped = {name: clean(values[name]).encode("utf-8", "replace") for name in self._names}
        parts = self._parts.copy()
        parts[1::2] = [escaped[name] for name in self._slots]
        return b"".join(parts)
