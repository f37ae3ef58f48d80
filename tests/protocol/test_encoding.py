from __future__ import annotations

import base64
import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwire.protocol.encoding import (
    b64u_decode,
    b64u_encode,
    json_object,
    json_text,
    same_text,
)

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.binary(max_size=80))
def test_base64url_round_trips_and_agrees_with_the_standard_library(data: bytes) -> None:
    encoded = b64u_encode(data)
    assert encoded == base64.urlsafe_b64encode(data).rstrip(b"=")
    assert b64u_decode(encoded) == data


@given(st.binary(max_size=12) | st.from_regex(rb"[A-Za-z0-9_\-+/=. ]{0,12}", fullmatch=True))
def test_base64url_decoding_accepts_only_what_encoding_makes(data: bytes) -> None:
    try:
        decoded = b64u_decode(data)
    except ValueError:
        return
    assert b64u_encode(decoded) == data


@pytest.mark.parametrize(
    "data",
    [b"A", b"AAAAA", b"AA==", b"AAA=", b"AB", b"AAB", b"+AAA", b"/AAA", b"AA A", b"AA\nA", b"A\x00AA",
     b"AA.A", b"\xc3\xa9AA"],
)  # fmt: skip
def test_base64url_decoding_refuses_another_spelling(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        b64u_decode(data)


@given(st.dictionaries(st.text(), JSON_VALUES, max_size=4))
def test_json_round_trips_also_with_lone_surrogates(value: dict[str, Any]) -> None:
    assert json_object(json_text(value)) == json.loads(json.dumps(value))


def test_json_text_is_compact_and_unescaped_utf8() -> None:
    assert (
        json_text({"name": "Zoë 漢", "n": [1, None]}) == '{"name":"Zoë 漢","n":[1,null]}'.encode()
    )


def test_json_text_escapes_a_lone_surrogate_as_javascript_does() -> None:
    assert json_text({"a": "\ud83d"}) == b'{"a":"\\ud83d"}'


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_json_text_refuses_numbers_that_json_lacks(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        json_text({"a": value})


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"null", b'"x"', b"1", b"{", b'{"a":NaN}', b'{"a":-Infinity}', b'{"a":"\xff"}',
     b"\xef\xbb\xbf{}", b"{\x00}", b'{"a":' + b"[" * 200_000, '{"a":1}'.encode("utf-16"),
     b'{"a":' + b"9" * 10_000 + b"}"],
)  # fmt: skip
def test_json_object_refuses_anything_but_an_object_in_utf8(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        json_object(data)


@given(st.binary(max_size=60))
def test_json_object_raises_nothing_but_value_errors(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        json_object(data)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [("a", "a", True), ("a", "b", False), ("", "", True), ("é", "é", True), ("a", "aa", False),
     ("\ud800", "\ud800", True), ("\ud800", "\ud801", False)],
)  # fmt: skip
def test_same_text_compares_any_text(left: str, right: str, same: bool) -> None:
    assert same_text(left, right) is same
