"""CSS colours: read them, compare them, and write them so that nothing else can ride along.

Luminance and contrast are those of WCAG 2.2 ("relative luminance", "contrast ratio").
"""

from __future__ import annotations

import re
from colorsys import hls_to_rgb
from dataclasses import dataclass
from typing import Final

__all__ = ["BLACK", "WHITE", "Color", "parse_color"]

_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})\Z")
_NUMBER = r"([+-]?(?:\d{1,6}(?:\.\d{1,6})?|\.\d{1,6}))"
_GAP = r"(?:\s*,\s*|\s+)"
# Compiled when a colour is written like that: few are.
_RGB = rf"rgba?\(\s*{_NUMBER}(%?){_GAP}{_NUMBER}\2{_GAP}{_NUMBER}\2\s*\)\Z"
_HSL = rf"hsla?\(\s*{_NUMBER}(?:deg)?{_GAP}{_NUMBER}%{_GAP}{_NUMBER}%\s*\)\Z"

# CSS Color 4 §6.1, name and value by turns.
_NAMES: Final = """
aliceblue f0f8ff antiquewhite faebd7 aqua 00ffff aquamarine 7fffd4 azure f0ffff beige f5f5dc
bisque ffe4c4 black 000000 blanchedalmond ffebcd blue 0000ff blueviolet 8a2be2 brown a52a2a
burlywood deb887 cadetblue 5f9ea0 chartreuse 7fff00 chocolate d2691e coral ff7f50
cornflowerblue 6495ed cornsilk fff8dc crimson dc143c cyan 00ffff darkblue 00008b darkcyan 008b8b
darkgoldenrod b8860b darkgray a9a9a9 darkgreen 006400 darkgrey a9a9a9 darkkhaki bdb76b
darkmagenta 8b008b darkolivegreen 556b2f darkorange ff8c00 darkorchid 9932cc darkred 8b0000
darksalmon e9967a darkseagreen 8fbc8f darkslateblue 483d8b darkslategray 2f4f4f
darkslategrey 2f4f4f darkturquoise 00ced1 darkviolet 9400d3 deeppink ff1493 deepskyblue 00bfff
dimgray 696969 dimgrey 696969 dodgerblue 1e90ff firebrick b22222 floralwhite fffaf0
forestgreen 228b22 fuchsia ff00ff gainsboro dcdcdc ghostwhite f8f8ff gold ffd700 goldenrod daa520
gray 808080 green 008000 greenyellow adff2f grey 808080 honeydew f0fff0 hotpink ff69b4
indianred cd5c5c indigo 4b0082 ivory fffff0 khaki f0e68c lavender e6e6fa lavenderblush fff0f5
lawngreen 7cfc00 lemonchiffon fffacd lightblue add8e6 lightcoral f08080 lightcyan e0ffff
lightgoldenrodyellow fafad2 lightgray d3d3d3 lightgreen 90ee90 lightgrey d3d3d3 lightpink ffb6c1
lightsalmon ffa07a lightseagreen 20b2aa lightskyblue 87cefa lightslategray 778899
lightslategrey 778899 lightsteelblue b0c4de lightyellow ffffe0 lime 00ff00 limegreen 32cd32
linen faf0e6 magenta ff00ff maroon 800000 mediumaquamarine 66cdaa mediumblue 0000cd
mediumorchid ba55d3 mediumpurple 9370db mediumseagreen 3cb371 mediumslateblue 7b68ee
mediumspringgreen 00fa9a mediumturquoise 48d1cc mediumvioletred c71585 midnightblue 191970
mintcream f5fffa mistyrose ffe4e1 moccasin ffe4b5 navajowhite ffdead navy 000080 oldlace fdf5e6
olive 808000 olivedrab 6b8e23 orange ffa500 orangered ff4500 orchid da70d6 palegoldenrod eee8aa
palegreen 98fb98 paleturquoise afeeee palevioletred db7093 papayawhip ffefd5 peachpuff ffdab9
peru cd853f pink ffc0cb plum dda0dd powderblue b0e0e6 purple 800080 rebeccapurple 663399
red ff0000 rosybrown bc8f8f royalblue 4169e1 saddlebrown 8b4513 salmon fa8072 sandybrown f4a460
seagreen 2e8b57 seashell fff5ee sienna a0522d silver c0c0c0 skyblue 87ceeb slateblue 6a5acd
slategray 708090 slategrey 708090 snow fffafa springgreen 00ff7f steelblue 4682b4 tan d2b48c
teal 008080 thistle d8bfd8 tomato ff6347 turquoise 40e0d0 violet ee82ee wheat f5deb3 white ffffff
whitesmoke f5f5f5 yellow ffff00 yellowgreen 9acd32
"""
_NAMED: Final[dict[str, str]] = dict(zip(_NAMES.split()[::2], _NAMES.split()[1::2], strict=True))


@dataclass(frozen=True, slots=True)
class Color:
    """An opaque sRGB colour; each part is 0 to 255."""

    red: int
    green: int
    blue: int

    def __str__(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @property
    def luminance(self) -> float:
        """0 for black, 1 for white."""
        red, green, blue = (_linear(part / 255) for part in (self.red, self.green, self.blue))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(self, other: Color) -> float:
        """1 (same) to 21 (black on white). AA asks for 4.5 in text and 3 in controls."""
        high, low = sorted((self.luminance, other.luminance), reverse=True)
        return (high + 0.05) / (low + 0.05)

    def readable(self) -> Color:
        """White where it meets AA on this colour, else black, which then does."""
        return WHITE if self.contrast(WHITE) >= 4.5 else BLACK

    def mix(self, other: Color, share: float) -> Color:
        """This colour with ``share`` (0 to 1) of another."""
        pairs = zip(
            (self.red, self.green, self.blue), (other.red, other.green, other.blue), strict=True
        )
        return Color(*(round(mine + (theirs - mine) * share) for mine, theirs in pairs))

    def standing_out(self, on: Color, ratio: float) -> Color:
        """This colour, made lighter or darker only as far as ``ratio`` on ``on`` asks for."""
        pole = on.readable()
        steps = (self.mix(pole, step / 20) for step in range(21))
        return next((color for color in steps if color.contrast(on) >= ratio), pole)


WHITE = Color(255, 255, 255)
BLACK = Color(0, 0, 0)


def parse_color(text: str) -> Color | None:
    """An opaque CSS colour (``#hex``, a name, ``rgb()``, ``hsl()``); None if ``text`` is none.

    What comes back is only numbers, so whatever else a configured value holds stays out of the
    stylesheet.
    """
    text = text.strip().lower()
    digits = _NAMED.get(text)
    if digits is None and (match := _HEX.match(text)):
        digits = match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1])
    if digits is not None:
        return Color(int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16))
    if match := re.match(_RGB, text):
        values = (float(match[group]) for group in (1, 3, 4))
        return Color(*(_part(value * 255 / 100 if match[2] else value) for value in values))
    if match := re.match(_HSL, text):
        hue, saturation, lightness = (float(match[group]) for group in (1, 2, 3))
        parts = hls_to_rgb(hue / 360 % 1, _unit(lightness / 100), _unit(saturation / 100))
        return Color(*(_part(part * 255) for part in parts))
    return None


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _part(value: float) -> int:
    return min(255, max(0, int(value + 0.5)))


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))
