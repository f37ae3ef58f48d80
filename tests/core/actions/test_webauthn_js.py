from __future__ import annotations

from typing import Any

import pytest

from authwire.pages.script import PASSKEY_SCRIPT
from authwire.providers import Passkey


@pytest.fixture
def browser(world: Any) -> Any:
    return world.browser(providers=[Passkey()], adapter=world.adapter)


def test_the_script_is_ours_and_sets_no_cookie(browser: Any) -> None:
    answer = browser.get("webauthn.js")
    headers = dict(answer.headers)
    assert (answer.status, answer.body) == (200, PASSKEY_SCRIPT.body)
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert headers["x-content-type-options"] == "nosniff"
    assert not answer.cookies


@pytest.mark.parametrize(
    ("query", "caching"),
    [
        (f"v={PASSKEY_SCRIPT.version}", "public, max-age=31536000, immutable"),
        ("v=another", "public, no-cache"),
        ("", "public, no-cache"),
    ],
)
def test_only_the_version_that_was_asked_for_is_kept(
    browser: Any, query: str, caching: str
) -> None:
    assert dict(browser.get("webauthn.js", query).headers)["cache-control"] == caching


@pytest.mark.parametrize(
    ("known", "status"),
    [
        (PASSKEY_SCRIPT.etag, 304),
        (f'"old", W/{PASSKEY_SCRIPT.etag}', 304),
        ("*", 304),
        ('"old"', 200),
        (PASSKEY_SCRIPT.version, 200),
        ("", 200),
    ],
)
def test_who_has_it_is_not_sent_it_again(browser: Any, known: str, status: int) -> None:
    answer = browser.get("webauthn.js", headers={"if-none-match": known})
    assert (answer.status, bool(answer.body)) == (status, status == 200)
    assert dict(answer.headers)["etag"] == PASSKEY_SCRIPT.etag


def test_without_passkeys_there_is_no_script(world: Any) -> None:
    answer = world.browser().get("webauthn.js")
    assert (answer.status, answer.body) == (400, b'"Bad request."')


@pytest.mark.parametrize("path", ["webauthn.js/passkey", "webauthn.mjs", "webauthn"])
def test_nothing_else_is_served(browser: Any, path: str) -> None:
    assert browser.get(path).status == 400


def test_it_cannot_be_posted_to(browser: Any) -> None:
    answer = browser.post("webauthn.js")
    assert "error=Configuration" in answer.location


def test_the_script_loads_nothing_from_elsewhere() -> None:
    text = PASSKEY_SCRIPT.body.decode()
    assert "import(" not in text
    assert "\nimport " not in text
    assert [line for line in text.splitlines() if "://" in line] == [
        "   No build step, no other file. https://www.w3.org/TR/webauthn-3/ */"
    ]
