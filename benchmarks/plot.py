"""Bars as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

__all__ = ["bars"]

WIDTH = 860
LABELS = 190
FIGURES = 70
BAR = 16
GAP = 4
GROUP_GAP = 18
TOP = 44
FONT = "font-family='system-ui, sans-serif'"


def bars(
    title: str,
    groups: Mapping[str, Mapping[str, float]],
    colors: Mapping[str, str],
    *,
    unit: str,
) -> str:
    """A horizontal bar for each figure, in groups, with the figure beside it.

    Args:
        title: what it shows.
        groups: by heading of the group, then by name of the bar.
        colors: by name of the bar.
        unit: behind each figure.
    """
    most = max((value for group in groups.values() for value in group.values()), default=0) or 1
    scale = (WIDTH - LABELS - FIGURES) / most
    parts: list[str] = []
    y = TOP
    for heading, group in groups.items():
        parts.append(_text(8, y + 12, heading, weight="600"))
        y += BAR + GAP
        for name, value in group.items():
            length = max(1.0, value * scale)
            parts.append(_text(LABELS - 8, y + 12, name, anchor="end"))
            parts.append(
                f"<rect x='{LABELS}' y='{y}' width='{length:.1f}' height='{BAR}' rx='2'"
                f" fill='{colors[name]}'/>"
            )
            parts.append(_text(LABELS + length + 6, y + 12, f"{value:,.0f} {unit}"))
            y += BAR + GAP
        y += GROUP_GAP
    return _document(title, y, parts)


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", weight: str = "400", size: int = 12
) -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' font-size='{size}'"
        f" font-weight='{weight}' fill='#1f2328'>{escape(text)}</text>"
    )


def _document(title: str, height: int, parts: Sequence[str]) -> str:
    size = f"viewBox='0 0 {WIDTH} {height}' width='{WIDTH}' height='{height}'"
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' {size} role='img' {FONT}>",
        f"<title>{escape(title)}</title>",
        # Its own background: pages are shown dark as well.
        f"<rect width='{WIDTH}' height='{height}' rx='6' fill='#ffffff'/>",
        _text(8, 24, title, weight="600", size=15),
        *parts,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"
