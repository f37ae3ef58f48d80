from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from authwire.config import Theme
from authwire.pages.colors import Color, parse_color
from authwire.pages.theme import (
    DARK,
    LIGHT,
    Palette,
    image_source,
    page_problems,
    stylesheet,
)
from authwire.providers._types import OIDC, Credentials, Style

palettes = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda palette: palette.scheme)
brands = st.builds(Color, *[st.integers(0, 255)] * 3)

# What is written in which colour on which, with the ratio that AA asks for.
PAIRS = [
    ("text", "card", 4.5),
    ("text", "page", 4.5),
    ("text", "glow", 4.5),
    ("text", "field", 4.5),
    ("muted", "card", 4.5),
    ("muted", "field", 4.5),
    ("muted", "page", 4.5),
    ("alarm-text", "alarm", 4.5),
    ("accent", "card", 4.5),
    ("accent", "page", 4.5),
    ("brand-text", "brand", 4.5),
    ("edge", "card", 3),
    ("edge", "field", 3),
]


@palettes
@pytest.mark.parametrize(("front", "back", "ratio"), PAIRS)
def test_every_pair_of_colours_meets_aa(
    palette: Palette, front: str, back: str, ratio: float
) -> None:
    colors = palette.variables(Theme())
    assert colors[front].contrast(colors[back]) >= ratio


@palettes
@given(brand=brands)
def test_any_brand_colour_leaves_text_and_links_readable(palette: Palette, brand: Color) -> None:
    colors = palette.variables(Theme(brand_color=str(brand)))
    assert colors["brand"] == brand
    for front, back, ratio in PAIRS:
        assert colors[front].contrast(colors[back]) >= ratio, (front, back)
    assert colors["accent"].contrast(colors["chip"]) >= 3, "an icon on its disc"


def test_a_given_button_text_is_used_as_it_is() -> None:
    theme = Theme(brand_color="#0ff1ce", button_text="#FEDCBA")
    assert "--brand:#0ff1ce;--brand-text:#fedcba;" in stylesheet(theme, [])


def test_auto_has_both_schemes_and_the_others_have_one() -> None:
    auto, light, dark = (
        stylesheet(Theme(color_scheme=scheme), []) for scheme in ("auto", "light", "dark")
    )
    assert "color-scheme:light" in auto
    assert "@media (prefers-color-scheme:dark){:root{color-scheme:dark" in auto
    assert "prefers-color-scheme" not in light + dark
    assert "color-scheme:dark" not in light
    assert "color-scheme:light" not in dark


def test_a_provider_button_has_its_brand_and_a_text_that_can_be_read() -> None:
    css = stylesheet(
        Theme(),
        [
            Style(),
            Style(brand="#24292f"),
            Style(brand="#fc6d26"),
            Style(brand="#ffffff", text="#0052cc"),
            Style(brand="#eb5424", text="#ffffff"),
        ],
    )
    assert ".b0{" not in css
    assert ".b1{background:#24292f;color:#ffffff;" in css
    assert ".b2{background:#fc6d26;color:#000000;" in css
    assert ".b3{background:#ffffff;color:#0052cc;" in css
    assert ".b4{background:#eb5424;color:#000000;" in css, "white cannot be read on it"


HOSTILE = [
    "red;}body{display:none",
    "red}</style><script>alert(1)</script>",
    "url(//evil.example/x)",
    "#fff;background:url(//evil.example)",
    "expression(alert(1))",
    "\\72 ed",
    "red/*",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_that_is_no_colour_changes_nothing(value: str) -> None:
    theme = Theme(brand_color=value, button_text=value)
    assert stylesheet(theme, [Style(brand=value, text=value)]) == stylesheet(Theme(), [Style()])


@given(st.text())
@example("#abc}")
def test_no_value_reaches_the_stylesheet_but_as_a_colour(value: str) -> None:
    css = stylesheet(Theme(brand_color=value), [Style(brand=value, text=value)])
    color = parse_color(value)
    expected = "" if color is None else str(color)
    assert css == stylesheet(Theme(brand_color=expected), [Style(brand=expected, text=expected)])


def test_the_stylesheet_is_sound() -> None:
    css = stylesheet(Theme(), [Style(brand="#000")])
    assert css.count("{") == css.count("}")
    assert "<" not in css
    assert "/*" not in css
    assert "@import" not in css
    assert "url(" not in css
    used = set(re.findall(r"var\(--([a-z-]+)\)", css))
    assert used == set(re.findall(r"--([a-z-]+):", css))


def test_the_layout_mirrors_itself_for_right_to_left() -> None:
    assert not re.search(
        r"(margin|padding|border)-(left|right)|text-align:(left|right)|float:",
        stylesheet(Theme(), []),
    )


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("https://img.example/logo.png", "https://img.example"),
        ("HTTPS://IMG.example:8443/logo.png?x=1", "https://img.example:8443"),
        ("http://[::1]:8000/logo.png", "http://[::1]:8000"),
        ("https://bücher.example/logo.png", "https://xn--bcher-kva.example"),
        ("//cdn.example/logo.png", "cdn.example"),
        ("/static/logo.svg", "'self'"),
        ("logo.svg", "'self'"),
        ("data:image/png;base64,AAAA", "data:"),
        ("data:text/html,<b>", None),
        ("javascript:alert(1)", None),
        ("blob:https://x.example/1", None),
        ("https://user@img.example/x.png", None),
        ("https://img.example;script-src *", None),
        ("https://img.example;script-src/x.png", None),
        ("https://img.example,evil.example/x.png", None),
        ("https://*.example/x.png", None),
        ("https:///x.png", None),
        ("https://[::1/x.png", None),
        ("https://img.example:99999999/x", None),
        ("/\\evil.example/x.png", None),
        ("/a\nb.png", None),
        ("", None),
    ],
)
def test_an_image_is_allowed_by_its_origin_alone(url: str, source: str | None) -> None:
    assert image_source(url) == source


@given(st.text() | st.text().map("https://{}".format) | st.text().map("//{}/x".format))
def test_no_url_can_add_to_the_policy(url: str) -> None:
    source = image_source(url)
    assert source is None or re.fullmatch(r"'self'|data:|[a-z0-9.:/\[\]-]+", source)


def test_faulty_values_are_named_with_their_place() -> None:
    problems = page_problems(
        Theme(brand_color="blurple", button_text="#fff", logo="javascript:alert(1)"),
        [
            Credentials(authorize=None),
            OIDC(id="acme", name="Acme", style=Style(brand="x", text="y", logo="https://*/z")),
        ],
    )
    assert [problem.where for problem in problems] == [
        "theme.brand_color",
        "providers[1] (acme): style.brand",
        "providers[1] (acme): style.text",
        "theme.logo",
        "providers[1] (acme): style.logo",
    ]
    assert {problem.type for problem in problems} == {"InvalidTheme"}


def test_a_sound_theme_has_no_problems() -> None:
    theme = Theme(brand_color="#123", button_text="white", logo="/logo.svg")
    assert page_problems(theme, [OIDC(id="a", name="A", style=Style(brand="#000"))]) == []
