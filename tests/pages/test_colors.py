from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from authwire.pages.colors import BLACK, WHITE, Color, parse_color

colors = st.builds(Color, *[st.integers(0, 255)] * 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#3b5bdb", "#3b5bdb"),
        ("#ABC", "#aabbcc"),
        ("  Tomato\n", "#ff6347"),
        ("rebeccapurple", "#663399"),
        ("rgb(1, 2, 3)", "#010203"),
        ("rgb(1 2 3)", "#010203"),
        ("rgb(100% 0% 50%)", "#ff0080"),
        ("rgba(300,-5,7.6)", "#ff0008"),
        ("hsl(0 100% 50%)", "#ff0000"),
        ("hsl(120deg, 100%, 25%)", "#008000"),
        ("hsl(-120 100% 50%)", "#0000ff"),
    ],
)
def test_a_colour_is_read_in_the_notations_people_write(text: str, expected: str) -> None:
    assert str(parse_color(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#",
        "#12",
        "#12345",
        "#1234",
        "#12345678",
        "#ggg",
        "transparent",
        "currentcolor",
        "inherit",
        "var(--x)",
        "rgb(1,2)",
        "rgb(1%,2,3)",
        "rgb(0 0 0 / 50%)",
        "hsl(0 1 2)",
        "url(https://evil.example)",
        "red;}body{display:none",
        "red}</style><script>alert(1)</script>",
        "#fff/**/",
        "rgb(" + "9" * 5000 + ",0,0)",
    ],
)
def test_what_is_no_opaque_colour_is_refused(text: str) -> None:
    assert parse_color(text) is None


@given(st.text())
@example("#abc;")
@example("rgb(1,2,3)}")
def test_a_colour_comes_back_as_six_hex_digits_or_not_at_all(text: str) -> None:
    color = parse_color(text)
    assert color is None or re.fullmatch("#[0-9a-f]{6}", str(color))


@given(colors)
def test_a_written_colour_reads_back_the_same(color: Color) -> None:
    assert parse_color(str(color)) == color


def test_contrast_is_that_of_the_wcag() -> None:
    assert WHITE.contrast(BLACK) == pytest.approx(21)
    assert WHITE.contrast(WHITE) == pytest.approx(1)
    # Known pairs: #767676 is the lightest grey that passes AA on white.
    assert Color(0x76, 0x76, 0x76).contrast(WHITE) == pytest.approx(4.54, abs=0.01)
    assert Color(0x77, 0x77, 0x77).contrast(WHITE) == pytest.approx(4.48, abs=0.01)
    assert Color(255, 0, 0).contrast(WHITE) == pytest.approx(4.0, abs=0.01)


@given(colors)
def test_text_is_readable_on_every_colour(color: Color) -> None:
    assert color.readable() in (WHITE, BLACK)
    assert color.readable().contrast(color) >= 4.5


@given(colors, colors)
def test_a_colour_that_must_stand_out_does(color: Color, ground: Color) -> None:
    assert color.standing_out(ground, 4.5).contrast(ground) >= 4.5


def test_a_colour_that_stands_out_already_is_kept() -> None:
    assert BLACK.standing_out(WHITE, 4.5) == BLACK


def test_mixing_goes_from_one_colour_to_the_other() -> None:
    assert BLACK.mix(WHITE, 0) == BLACK
    assert BLACK.mix(WHITE, 1) == WHITE
    assert BLACK.mix(WHITE, 0.5) == Color(128, 128, 128)
