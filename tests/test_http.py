"""HTTP as values: headers, cookies in both directions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwire.http import (
    Cookie,
    CookieOptions,
    Headers,
    Request,
    parse_cookies,
    quote_component,
)

RAW = [(b"Host", b"app.example"), (b"cookie", b"a=1"), (b"Cookie", b"b=2"), (b"x-odd", b"\xe9")]
TEXT = [(name.decode(), value.decode("latin-1")) for name, value in RAW]
NAMES = ["host", "HOST", "cookie", "x-odd", "missing"]


# --- headers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_headers_of_bytes_say_what_those_of_text_say(name: str) -> None:
    lazy, plain = Headers.of_bytes(RAW), Headers(TEXT)
    assert lazy.get(name, "?") == plain.get(name, "?")
    assert lazy.get_all(name) == plain.get_all(name)
    assert (name in lazy) == (name in plain)


def test_of_a_repeated_field_the_first_counts() -> None:
    assert Headers.of_bytes(RAW).get("cookie") == "a=1"
    assert Headers.of_bytes(RAW).get_all("cookie") == ["a=1", "b=2"]


def test_headers_of_bytes_are_a_list_like_any_other() -> None:
    lazy = Headers.of_bytes(RAW)
    assert list(lazy) == [(name.lower(), value) for name, value in TEXT]
    assert (len(lazy), lazy == Headers(TEXT), hash(lazy)) == (4, True, hash(Headers(TEXT)))
    assert "app.example" not in repr(lazy)


def test_headers_may_come_from_a_generator() -> None:
    lazy = Headers.of_bytes(field for field in RAW)
    assert (lazy.get("host"), lazy.get("host")) == ("app.example", "app.example")


ENVIRON = {
    "HTTP_HOST": "app.example",
    "wsgi.url_scheme": "http",
    "HTTP_X_FORWARDED_HOST": "other.example",
    "HTTP_COOKIE": "a=1",
    "CONTENT_TYPE": "text/plain",
    "CONTENT_LENGTH": "",
    "PATH_INFO": "/",
}
ENVIRON_TEXT = [
    ("Host", "app.example"),
    ("X-Forwarded-Host", "other.example"),
    ("Cookie", "a=1"),
    ("Content-Type", "text/plain"),
]


@pytest.mark.parametrize("name", [*NAMES, "X-Forwarded-Host", "content-type", "content-length"])
def test_headers_of_an_environment_say_what_those_of_text_say(name: str) -> None:
    lazy, plain = Headers.of_environ(ENVIRON), Headers(ENVIRON_TEXT)
    assert lazy.get(name, "?") == plain.get(name, "?")
    assert lazy.get_all(name) == plain.get_all(name)
    assert (name in lazy) == (name in plain)


def test_headers_of_an_environment_are_a_list_like_any_other() -> None:
    lazy, plain = Headers.of_environ(ENVIRON), Headers(ENVIRON_TEXT)
    assert list(lazy) == list(plain)
    assert (len(lazy), lazy == plain, hash(lazy)) == (4, True, hash(plain))
    assert "app.example" not in repr(lazy)


def test_headers_of_an_environment_outlive_its_changes() -> None:
    environ = dict(ENVIRON)
    lazy = Headers.of_environ(environ)
    environ["HTTP_COOKIE"] = "a=2"
    del environ["HTTP_HOST"]
    assert (lazy.get("cookie"), lazy.get("host")) == ("a=1", "app.example")


def test_the_content_type_is_the_servers_word() -> None:
    # A field that is spelt ``Content_Type`` arrives under this name.
    lazy = Headers.of_environ({**ENVIRON, "HTTP_CONTENT_TYPE": "application/json"})
    assert lazy.get_all("content-type") == ["text/plain"]


# --- cookies that came ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "cookies"),
    [
        ("", {}),
        ("a=1; b=2", {"a": "1", "b": "2"}),
        ("a=1;a=2", {"a": "1"}),
        (" a = 1 ;\tb=\t2 ", {"a": "1", "b": "2"}),
        ("a", {}),
        ("a=b=c", {"a": "b=c"}),
        ('a="1"', {"a": '"1"'}),
        ("a=%7C%3a", {"a": "|:"}),
        ("a=caf%C3%A9", {"a": "café"}),
        ("a=%", {"a": "%"}),
        ("a=%zz%41", {"a": "%zz%41"}),
        ("a=%41%C3", {"a": "%41%C3"}),
        ("a=%E2%82", {"a": "%E2%82"}),
        ("a=%2541", {"a": "%41"}),
    ],
)
def test_cookies_are_read_as_browsers_write_them(header: str, cookies: dict[str, str]) -> None:
    assert parse_cookies(header) == cookies
    request = Request(method="GET", path="/", headers=Headers([("cookie", header)]))
    assert dict(request.cookies) == cookies
    for name, value in cookies.items():
        assert request.cookies.get(name) == value
    assert request.cookies.get("missing") is None
    assert len(request.cookies) == len(cookies)


def test_the_cookies_of_a_request_do_not_show_their_values() -> None:
    request = Request(method="GET", path="/", headers=Headers([("cookie", "a=secret")]))
    assert "secret" not in repr(request.cookies)


@given(st.text().filter(lambda text: not any("\ud800" <= char <= "\udfff" for char in text)))
def test_a_value_comes_back_as_it_was_sent(text: str) -> None:
    sent = Cookie("a", text).header().partition(";")[0]
    assert parse_cookies(sent) == {"a": text}


@given(st.text())
def test_what_is_encoded_is_what_javascript_encodes(text: str) -> None:
    expected = quote(text.encode("utf-8", "replace"), safe="-_.!~*'()")
    assert quote_component(text) == expected


# --- cookies that go ----------------------------------------------------------------------------------


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(9998, 1, 1)))  # noqa: DTZ001  # the zone is added below
def test_expires_is_written_as_the_standard_library_writes_it(moment: datetime) -> None:
    for zone in (UTC, timezone(timedelta(hours=-9, minutes=-30))):
        at = moment.replace(tzinfo=zone)
        header = Cookie("a", "1", CookieOptions(expires=at)).header()
        assert f"; Expires={format_datetime(at.astimezone(UTC), usegmt=True)};" in header


def test_attributes_stand_in_a_fixed_order() -> None:
    options = CookieOptions(
        domain="app.example",
        secure=True,
        partitioned=True,
        max_age=5,
        expires=datetime(2030, 1, 1, tzinfo=UTC),
        same_site="none",
    )
    assert Cookie("a", "x|y", options).header() == (
        "a=x%7Cy; Max-Age=5; Domain=app.example; Path=/; Expires=Tue, 01 Jan 2030 00:00:00 GMT;"
        " HttpOnly; Secure; Partitioned; SameSite=None"
    )
    bare = CookieOptions(http_only=False, same_site=None, path="")
    assert Cookie("a", "1", bare).header() == "a=1"


@pytest.mark.parametrize(
    "cookie",
    [
        Cookie("a b", "1"),
        Cookie("", "1"),
        Cookie("a", "1", CookieOptions(path="/;x")),
        Cookie("a", "1", CookieOptions(domain="x\r\ny")),
    ],
)
def test_a_cookie_that_would_break_the_header_is_refused(cookie: Cookie) -> None:
    with pytest.raises(ValueError, match="not a cookie"):
        cookie.header()
