from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from authwire.pages.template import Template, clean, fill_text, plain_text, slot


class Attribute(HTMLParser):
    """Notes every tag it meets with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


# Surrogates cannot be encoded, carriage returns and NUL are not for HTML: the tests below name them.
plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"))


@given(plain)
@example('"><script>alert(1)</script>')
@example("' onmouseover='x")
@example("&lt;b&gt;")
@example("</style>")
@example("{host}")
def test_a_filled_value_is_text_and_never_markup(value: str) -> None:
    html = Markup('<b title="{}">{}</b>').format(slot("a"), slot("b"))
    seen = Attribute(Template(html).fill({"a": value, "b": value}).decode())
    assert seen.tags == [("b", [("title", value)])]
    assert seen.text == value


@given(plain)
@example("\0a\0")
def test_a_value_cannot_pretend_to_be_a_slot(value: str) -> None:
    hostile = f"\0secret\0{value}\0secret\0"
    html = Markup("<i>{}</i>{}").format(clean(hostile), slot("secret"))
    assert Template(html).fill({"secret": "S"}).count(b"S") == 1 + value.count("S")


def test_a_slot_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        Template(slot("missing")).fill({})


def test_a_template_can_be_filled_again() -> None:
    template = Template(slot("a"))
    assert [template.fill({"a": "1"}), template.fill({"a": "2"})] == [b"1", b"2"]


def test_lone_surrogates_do_not_break_a_page() -> None:
    assert Template(slot("a")).fill({"a": "x\ud800y"}) == b"x?y"


@given(plain, plain)
@example("<b>{host}</b>", "<i>")
@example("{host}{host}", "{host}")
def test_words_and_values_are_both_escaped(text: str, value: str) -> None:
    filled = fill_text(text, host=value)
    assert Markup(filled).unescape() == text.replace("{host}", value)
    assert "<" not in filled


def test_markup_given_as_a_value_is_kept() -> None:
    assert fill_text("at {host}!", host=Markup("<bdi>x</bdi>")) == "at <bdi>x</bdi>!"


def test_a_placeholder_nobody_knows_stays() -> None:
    assert fill_text("{what} {0} {", host="x") == "{what} {0} {"
    assert plain_text("{what} {host}", host="<x>") == "{what} <x>"


def test_markup_is_not_escaped_twice() -> None:
    assert clean(escape("<")) == "&lt;"
