"""Addresses that Auth.js takes we take as the same address, or refuse for a reason named here."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwire.providers import Email
from authwire.providers._types import normalize_email

SAME = [
    ("a@b.c", "a@b.c"),
    (" A@B.C ", "a@b.c"),
    ("a@b", "a@b"),
    ("a,b@c.d", "a,b@c.d"),
    ("a@b.c,x", "a@b.c"),
    ("\uff21@b.c", "a@b.c"),
    ("\ufb01@b.c", "fi@b.c"),
    ("A\u0130@b.c", "ai\u0307@b.c"),
    ("a@b.c\n", "a@b.c"),
    ("\u00e9@b.c", "\u00e9@b.c"),
    ("e\u0301@b.c", "\u00e9@b.c"),
    ("\u1e9e@b.c", "\u00df@b.c"),
    ("a+b@c.d", "a+b@c.d"),
    ("\u2126@b.c", "\u03c9@b.c"),
    ("\ufeffa@b.c", "a@b.c"),
    ("\u3000a@b.c\u2028", "a@b.c"),
]
BOTH_REFUSE = [
    "",
    "a",
    "@",
    "@b",
    "a@",
    "a@,b",
    "a@@b",
    "a@b@c",
    "a@b.c,d@e.f",
    '"a"@b.c',
    "a\uff20b.c@d.e",
]
STRICTER = {
    "a space inside": "a b@c.d",
    "a no-break space inside": "a\u00a0@b.c",
    "a line break inside": "a@b.c\nx",
    "a header smuggled in": "a@b.c\r\nbcc:victim",
    "angle brackets": "<a@b.c>",
    "a list by semicolon": "a@b.c;d",
    "a zero-width space": "\u200ba@b.c",
    "a right-to-left override": "\u202ea@b.c",
    "a NUL": "a\0@b.c",
    "a lone surrogate": "\ud800@b.c",
    "a comment": "(x)a@b.c",
    "a group": "g:a@b.c",
    "a domain literal": "a@[127.0.0.1]",
    "a backslash": "a\\@b.c",
    "a look-alike of a specials character": "a\uff1bx@b.c",
    "longer than a mail server takes": "a" * 250 + "@b.co",
    "longer in bytes": "\u00e9" * 126 + "@b.c",
}


@pytest.mark.parametrize(("identifier", "expected"), SAME, ids=ascii)
def test_address_is_normalised_as_in_auth_js(identifier: str, expected: str) -> None:
    assert normalize_email(identifier) == expected


@pytest.mark.parametrize("identifier", BOTH_REFUSE, ids=ascii)
def test_address_is_refused_as_in_auth_js(identifier: str) -> None:
    with pytest.raises(ValueError, match="e-mail address"):
        normalize_email(identifier)


@pytest.mark.parametrize("identifier", STRICTER.values(), ids=STRICTER.keys())
def test_address_is_refused_though_auth_js_takes_it(identifier: str) -> None:
    with pytest.raises(ValueError, match="e-mail address"):
        normalize_email(identifier)


def test_longest_address_is_taken() -> None:
    assert len(normalize_email("a" * 250 + "@b.c")) == 254


def test_refusal_does_not_repeat_the_address() -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is what is tested
        normalize_email("secret.person@corp.example@x")
    assert "person" not in str(caught.value)


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from('@@@,.;"<> \n'))))
def test_what_is_taken_is_one_plain_address(identifier: str) -> None:
    try:
        address = normalize_email(identifier)
    except ValueError:
        return
    local, at, domain = address.partition("@")
    assert local
    assert at
    assert domain
    assert "@" not in domain
    assert "," not in domain
    assert address.isprintable()
    assert not set(address) & set('"<>()[]:;\\ \r\n')
    assert address == address.lower()


def test_email_provider_normalises_by_default_and_hides_its_secrets() -> None:
    provider = Email(server="smtp://user:hunter2@host", secret="s3cret", api_key="k3y")
    assert provider.normalize_identifier(" A@B.C ") == "a@b.c"
    for secret in ("hunter2", "s3cret", "k3y"):
        assert secret not in repr(provider)
