from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwire.errors import ProtocolError
from authwire.http import HttpResponse
from authwire.protocol import answers


def test_printable_is_one_line_of_ascii_without_anything_like_a_token() -> None:
    token = "ya29.a0AfH6SMBx-" + "k" * 60
    shown = answers.printable(f"bad\r\nrefresh\x1b token: {token} é")
    assert shown == "bad?refresh? token: [...] ?"


@given(st.text())
def test_printable_is_short_and_printable(text: str) -> None:
    shown = answers.printable(text * 40)
    assert len(shown) <= 300
    assert shown == "" or (shown.isascii() and shown.isprintable())


@pytest.mark.parametrize(
    ("error", "description", "expected"),
    [("access_denied", None, "access_denied"), ("a", "b", "a: b"), (3, {"x": 1}, "3: {'x': 1}")],
)
def test_describe_error_joins_code_and_description(
    error: object, description: object, expected: str
) -> None:
    assert answers.describe_error(error, description) == expected


def test_json_answer_ignores_the_content_type_and_a_byte_order_mark(answer: Any) -> None:
    response = answer(b'\xef\xbb\xbf{"a": 1}', headers={"content-type": "text/html"})
    assert answers.json_answer(response, "it") == {"a": 1}


@pytest.mark.parametrize("body", [b"", b"a=1", b"<html>", b"[1]", b"{" * 9, b"\xff"])
def test_json_answer_names_the_content_type_of_what_is_no_object(answer: Any, body: bytes) -> None:
    with pytest.raises(ProtocolError, match=r"it did not .*\(content type: text/html\)"):
        answers.json_answer(answer(body, headers={"content-type": "text/html"}), "it")


def test_json_answer_copes_with_a_missing_content_type() -> None:
    with pytest.raises(ProtocolError, match="content type: none"):
        answers.json_answer(HttpResponse(status=200), "it")


@pytest.mark.parametrize(
    ("body", "is_error"),
    [({"error": "x"}, True), ({"error": ""}, False), ({"error": {"code": 1}}, False),
     ({"error": None}, False), ({}, False), (b"nothing", False)],
)  # fmt: skip
def test_error_answer_is_an_object_with_an_error_text(
    answer: Any, body: Any, is_error: bool
) -> None:
    assert (answers.error_answer(answer(body)) is not None) is is_error


def test_text_must_be_there_and_not_empty() -> None:
    assert answers.text({"a": "x"}, "a", "it") == "x"
    for body in ({}, {"a": ""}, {"a": 1}, {"a": None}):
        with pytest.raises(ProtocolError, match="it has no a"):
            answers.text(body, "a", "it")


def test_optional_text_may_be_missing_but_is_nothing_else() -> None:
    assert answers.optional_text({"a": "x"}, "a", "it") == "x"
    assert answers.optional_text({"a": None}, "a", "it") is None
    assert answers.optional_text({}, "a", "it") is None
    with pytest.raises(ProtocolError, match="no text"):
        answers.optional_text({"a": ["x"]}, "a", "it")
