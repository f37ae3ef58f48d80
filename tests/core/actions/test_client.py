from __future__ import annotations

import re
from typing import Any

import pytest

from authwire.pages.script import CLIENT_SCRIPT, CLIENT_TYPES, PASSKEY_SCRIPT, Script

FILES = [
    ("client.js", CLIENT_SCRIPT, "text/javascript; charset=utf-8"),
    ("client.d.ts", CLIENT_TYPES, "text/plain; charset=utf-8"),
]
EXPORT = re.compile(r"^export (?:async )?(?:function|const) (\w+)", re.MULTILINE)


@pytest.fixture
def browser(world: Any) -> Any:
    return world.browser()


@pytest.mark.parametrize(("path", "script", "kind"), FILES)
def test_the_file_is_ours_and_sets_no_cookie(
    browser: Any, path: str, script: Script, kind: str
) -> None:
    answer = browser.get(path)
    headers = dict(answer.headers)
    assert (answer.status, answer.body) == (200, script.body)
    assert headers["content-type"] == kind
    assert headers["x-content-type-options"] == "nosniff"
    assert not answer.cookies


@pytest.mark.parametrize(("path", "script", "_"), FILES)
def test_only_the_version_that_was_asked_for_is_kept(
    browser: Any, path: str, script: Script, _: str
) -> None:
    for query, caching in (
        (f"v={script.version}", "public, max-age=31536000, immutable"),
        (f"v={PASSKEY_SCRIPT.version}", "public, no-cache"),
        ("", "public, no-cache"),
    ):
        assert dict(browser.get(path, query).headers)["cache-control"] == caching


@pytest.mark.parametrize(("path", "script", "_"), FILES)
def test_who_has_it_is_not_sent_it_again(browser: Any, path: str, script: Script, _: str) -> None:
    for known, status in ((script.etag, 304), (f'"old", W/{script.etag}', 304), ('"old"', 200)):
        answer = browser.get(path, headers={"if-none-match": known})
        assert (answer.status, bool(answer.body)) == (status, status == 200)
        assert dict(answer.headers)["etag"] == script.etag
        assert not answer.cookies


@pytest.mark.parametrize("path", ["client", "client.ts", "client.mjs", "client.js/x", "Client.js"])
def test_nothing_else_is_served(browser: Any, path: str) -> None:
    answer = browser.get(path)
    assert (answer.status, answer.body) == (400, b'"Bad request."')


@pytest.mark.parametrize("path", ["client.js", "client.d.ts"])
def test_it_cannot_be_posted_to(browser: Any, path: str) -> None:
    assert "error=Configuration" in browser.post(path).location


def test_the_script_is_small_and_loads_nothing() -> None:
    text = CLIENT_SCRIPT.body.decode()
    assert len(CLIENT_SCRIPT.body) <= 5000
    assert "import(" not in text
    assert "\nimport " not in text
    assert "://" not in text


def test_the_types_name_what_the_script_exports() -> None:
    exported = EXPORT.findall(CLIENT_SCRIPT.body.decode())
    assert sorted(exported) == sorted(set(EXPORT.findall(CLIENT_TYPES.body.decode())))
    assert len(exported) == 6
