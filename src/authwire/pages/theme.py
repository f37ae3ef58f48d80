"""From `Theme` and `Style` to one stylesheet, and the sources its images may come from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from authwire.config import Theme
from authwire.errors import ConfigProblem
from authwire.pages.colors import Color, parse_color
from authwire.providers._types import Provider, Style

__all__ = [
    "DARK",
    "DEFAULT_BRAND",
    "LIGHT",
    "Palette",
    "image_source",
    "page_problems",
    "stylesheet",
]

_AA_TEXT: Final = 4.5
# A source of `img-src` may hold nothing that ends it or starts the next one.
_HOST: Final = re.compile(r"(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?\Z")


def _color(text: str) -> Color:
    color = parse_color(text)
    if color is None:
        raise ValueError(f"not a colour: {text}")
    return color


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of one scheme, but for the brand's."""

    scheme: str
    page: Color
    card: Color
    field: Color
    text: Color
    muted: Color
    """Lesser text, also of placeholders; still AA."""
    line: Color
    """Decoration: dividers, the card's edge."""
    edge: Color
    """Edges of inputs and plain buttons: 3 to 1 against card and field."""
    alarm: Color
    alarm_text: Color

    def variables(self, theme: Theme) -> Mapping[str, Color]:
        """CSS custom properties by name."""
        brand = _given(theme.brand_color) or DEFAULT_BRAND
        accent = brand.standing_out(self.card, _AA_TEXT).standing_out(self.page, _AA_TEXT)
        return {
            "page": self.page,
            "card": self.card,
            "field": self.field,
            "text": self.text,
            "muted": self.muted,
            "line": self.line,
            "edge": self.edge,
            "alarm": self.alarm,
            "alarm-text": self.alarm_text,
            "brand": brand,
            "brand-text": _given(theme.button_text) or brand.readable(),
            "accent": accent,
            "glow": self.page.mix(brand, 0.09),
            "chip": self.card.mix(brand, 0.12),
        }


DEFAULT_BRAND: Final = _color("#3b5bdb")
LIGHT: Final = Palette(
    scheme="light",
    page=_color("#f3f4f8"),
    card=_color("#ffffff"),
    field=_color("#fafbfd"),
    text=_color("#151823"),
    muted=_color("#596074"),
    line=_color("#e1e4ec"),
    edge=_color("#858b9d"),
    alarm=_color("#fdecee"),
    alarm_text=_color("#94182a"),
)
DARK: Final = Palette(
    scheme="dark",
    page=_color("#0e1017"),
    card=_color("#181b25"),
    field=_color("#10131b"),
    text=_color("#eceef5"),
    muted=_color("#a2a9bb"),
    line=_color("#2b303e"),
    edge=_color("#737b90"),
    alarm=_color("#3b161d"),
    alarm_text=_color("#ffbcc4"),
)


def stylesheet(theme: Theme, buttons: Sequence[Style]) -> str:
    """All styles of all pages. The button with style ``buttons[n]`` has the class ``b<n>``."""
    if theme.color_scheme == "auto":
        dark = _root(DARK, theme)
        palettes = f"{_root(LIGHT, theme)}@media (prefers-color-scheme:dark){{{dark}}}"
    else:
        palettes = _root(DARK if theme.color_scheme == "dark" else LIGHT, theme)
    return palettes + _rules() + "".join(_button_rules(buttons))


def image_source(url: str) -> str | None:
    """What `img-src` must allow for an image at ``url``; None if no page should show it.

    A URL with a host gives its origin, a path gives ``'self'``, ``data:image/…`` gives ``data:``.
    """
    if any(char <= " " or char in "\\\x7f" for char in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.netloc.lower()
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
    except ValueError:  # not a URL; UnicodeError is one too
        return None
    match parts.scheme:
        case "data" if url.lower().startswith("data:image/"):
            return "data:"
        case "" | "http" | "https" if _HOST.match(host):
            return f"{parts.scheme}://{host}" if parts.scheme else host
        case "" if not host and parts.path:
            return "'self'"
        case _:
            return None


def page_problems(theme: Theme, providers: Sequence[Provider]) -> list[ConfigProblem]:
    """The theme's and providers' values that the pages will leave out, because they are not valid."""
    colors = [
        ("theme.brand_color", theme.brand_color),
        ("theme.button_text", theme.button_text),
    ]
    images = [("theme.logo", theme.logo)]
    for index, provider in enumerate(providers):
        where = f"providers[{index}] ({provider.id})"
        colors.append((f"{where}: style.brand", provider.style.brand))
        colors.append((f"{where}: style.text", provider.style.text))
        images.append((f"{where}: style.logo", provider.style.logo))
    return [
        ConfigProblem("InvalidTheme", where, "not a colour", "write one such as #3b5bdb")
        for where, value in colors
        if value is not None and parse_color(value) is None
    ] + [
        ConfigProblem("InvalidTheme", where, "not an image's URL", "write https://… or a path")
        for where, value in images
        if value is not None and image_source(value) is None
    ]


def _given(value: str | None) -> Color | None:
    return parse_color(value) if value else None


def _root(palette: Palette, theme: Theme) -> str:
    names = "".join(f"--{name}:{color};" for name, color in palette.variables(theme).items())
    return f":root{{color-scheme:{palette.scheme};{names}}}"


def _button_rules(buttons: Sequence[Style]) -> Iterator[str]:
    for index, style in enumerate(buttons):
        brand = _given(style.brand)
        if brand is None:
            continue
        text = _given(style.text)
        # Many brands put white on orange or yellow, which AA does not let pass.
        if text is None or text.contrast(brand) < _AA_TEXT:
            text = brand.readable()
        yield f".b{index}{{background:{brand};color:{text};border-color:var(--rim)}}"


@cache
def _rules() -> str:
    """``style.css`` without comments and indentation: it is sent with every page."""
    css = Path(__file__).with_name("style.css").read_text("utf-8")
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r"\s*([{};,])\s*|(?<=:)\s+", lambda match: match[1] or "", css).strip()
