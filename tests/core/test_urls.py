"""The corpus of open-redirect tricks, against the functions that judge URLs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwire.core.urls import has_control_characters, is_http_url, same_origin, with_params

ORIGIN = "https://app.example"

FOREIGN = [
    "https://evil.example",
    "https://app.example.evil.example/",
    "https://app.example@evil.example/",
    "https://evil.example#app.example",
    "https://evil.example?app.example",
    "https://evil.example\\app.example",
    "https://app.example\\@evil.example",
    "https:\\\\evil.example",
    "https:/evil.example",
    "https:evil.example",
    "https:///evil.example",
    "http://app.example/",
    "https://app.example:8443/",
    "https://user@app.example/",
    "https://user:pw@app.example/",
    "//evil.example",
    "/\\evil.example",
    "https://app.example\t.evil.example/",
    "https://app%2eexample/",
    "https://app.example。evil.example/",  # an ideographic full stop, as browsers know it
    " https://app.example/",
    "javascript://app.example/%0aalert(1)",
    "data:text/html,x",
    "blob:https://app.example/x",
    "",
]


@pytest.mark.parametrize("url", FOREIGN)
def test_trick_urls_are_not_of_our_origin(url: str) -> None:
    assert not same_origin(url, ORIGIN)


@pytest.mark.parametrize(
    "url",
    [
        ORIGIN,
        f"{ORIGIN}/",
        f"{ORIGIN}/a?b=c#d",
        f"{ORIGIN}?x=https://evil.example",
        f"{ORIGIN}:443/x",
        "HTTPS://APP.EXAMPLE/x",
        f"{ORIGIN}/é",
    ],
)
def test_our_own_urls_are(url: str) -> None:
    assert same_origin(url, ORIGIN)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/x", True),
        ("//host", True),
        ("https://evil.example", True),
        ("HTTP://x", True),
        ("https:x", True),
        ("https:", False),
        ("javascript:alert(1)", False),
        ("blob:https://x/y", False),
        ("dash", False),
        ("", False),
    ],
)
def test_http_urls_are_told_from_others(url: str, expected: bool) -> None:
    assert is_http_url(url) is expected


@pytest.mark.parametrize("character", ["\r", "\n", "\0", "\t", "\x7f", "\x1b"])
def test_control_characters_are_seen(character: str) -> None:
    assert has_control_characters(f"/a{character}b")


def test_params_go_before_the_fragment_and_after_the_query() -> None:
    assert with_params("/p", {"a": "1"}) == "/p?a=1"
    assert with_params("/p?x=2", {"a": "b c"}) == "/p?x=2&a=b+c"
    assert with_params("/p#f", {"a": "1"}) == "/p?a=1#f"


@given(st.text())
def test_whatever_counts_as_ours_starts_with_our_authority(url: str) -> None:
    if same_origin(url, ORIGIN):
        rest = url[len("https://") :].lower()
        assert rest.startswith("app.example")
        assert rest[len("app.example") :][:1] in ("", "/", "?", "#", ":")


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:3000.evil.example/",
        "https://app.example:99999/",
        "https://[::1/",
        "https://[not-an-address]/",
    ],
)
def test_a_url_with_an_impossible_authority_is_no_http_url(url: str) -> None:
    assert not is_http_url(url)
