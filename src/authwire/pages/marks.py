"""The drawings on buttons and pages: inline SVG in the colour of the text around it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from markupsafe import Markup

__all__ = ["icon", "known_logos", "logo"]

_FOLDER: Final = Path(__file__).parent
_WORD = re.compile(r"[^\W_]+")
_MONOGRAM: Final = Markup(
    '<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false" fill="currentColor">'
    '<rect x="2" y="2" width="20" height="20" rx="5.5" fill="none" stroke="currentColor"'
    ' stroke-width="1.6"/><text x="12" y="{}" text-anchor="middle" font-size="{}"'
    ' font-weight="700">{}</text></svg>'
)


@cache
def known_logos() -> frozenset[str]:
    """Ids of the providers with a logo of their own."""
    return frozenset(path.stem for path in (_FOLDER / "logos").iterdir()) - {"key"}


def logo(provider_id: str, name: str) -> Markup:
    """The logo of a provider; without one, the initials of its name, or a key if it has none.

    An id never becomes a path: only known names are read.
    """
    if provider_id in known_logos():
        return _read(f"logos/{provider_id}.svg")
    initials = "".join(word[0].upper() for word in _WORD.findall(name)[:2])
    if not initials:
        return _read("logos/key.svg")
    # The smaller the more letters: "ß" has two capitals.
    y, size = ("16.3", "12") if len(initials) == 1 else ("15.6", "10")
    return _MONOGRAM.format(y, size, initials[:2])


def icon(name: str) -> Markup:
    """One of our own icons, such as ``mail``."""
    return _read(f"icons/{name}.svg")


@cache
def _read(path: str) -> Markup:
    svg = (_FOLDER / path).read_text("utf-8").strip()
    # The words beside it say all, so a screen reader may skip it. The file is part of the package.
    return Markup(svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))  # noqa: S704  # our own file
