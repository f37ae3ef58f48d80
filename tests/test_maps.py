"""The generated parts of the documentation are what the code says, and what it does."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.core.harness import Browser, Tab, World, idp_for, oidc
from tests.core.passkeys import Visitor, went_to

from authwire.config import SessionConfig
from authwire.core.route import Action
from authwire.errors import AuthError
from authwire.providers import Credentials, Passkey
from authwire.resolve.cookies import _NAMES
from authwire.wire import COOKIE_KEYS

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import maps  # noqa: E402  # scripts are no package
import maps_tables  # noqa: E402  # as above
import maps_words as words  # noqa: E402  # as above

PAGES = [page for page in maps.pages() if maps.PART.search(page.read_text("utf-8"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_generated_parts_are_up_to_date(page: Path) -> None:
    text = page.read_text("utf-8")
    assert maps.filled(text) == text, "run: python scripts/maps.py"


def test_every_part_is_shown_somewhere() -> None:
    assert set(maps.names_used()) == maps_tables.PARTS.keys()


def test_filling_replaces_what_is_stale_and_nothing_else() -> None:
    page = "Before.\n\n<!-- generated: layers -->\nstale\n<!-- end: layers -->\n\nAfter.\n"
    filled = maps.filled(page)
    assert "stale" not in filled
    assert filled.startswith("Before.\n\n<!-- generated: layers -->\n\n| Layer |")
    assert filled.endswith("|\n\n<!-- end: layers -->\n\nAfter.\n")
    assert maps.filled(filled) == filled


# --- words --------------------------------------------------------------------------------------


def test_every_error_says_what_to_do() -> None:
    assert {error.__name__ for error in maps_tables.error_classes()} == words.FIXES.keys()
    assert words.ANSWERS.keys() <= words.FIXES.keys()


def test_sentences_stand_in_only_for_docstrings_that_are_missing() -> None:
    files = [maps_tables.SRC / "config.py", maps_tables.SRC / "providers" / "_types.py"]
    bare = set()
    for node in (node for path in files for node in ast.parse(path.read_text("utf-8")).body):
        if isinstance(node, ast.ClassDef):
            for item, after in zip(node.body, [*node.body[1:], None], strict=True):
                if isinstance(item, ast.AnnAssign) and not isinstance(after, ast.Expr):
                    bare.add(f"{node.name}.{ast.unparse(item.target)}")
    assert words.OPTIONS.keys() <= bare


def test_faults_without_words_of_their_own_are_still_there() -> None:
    kinds = {fault.type for fault in maps_tables.faults()}
    assert words.FAULTS.keys() <= kinds
    assert not [fault for fault in maps_tables.faults() if fault.message == "…"]


def environment_of_the_source() -> Iterator[str]:
    for path in maps_tables.SRC.glob("resolve/*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(
                        value=ast.Name(id="environ") | ast.Attribute(attr="environ")
                    ),
                    args=[ast.Constant(value=str(name)), *_],
                ):
                    yield name
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="environ")),
                    args=[ast.JoinedStr(values=[_, ast.Constant(value=str(name))]), *_],
                ):
                    yield f"AUTH_<ID>_{name}"
                case ast.Constant(value=str(text)) if re.fullmatch(r"AUTH_SECRET(_\d)?", text):
                    yield text


def test_every_variable_that_the_source_reads_is_documented() -> None:
    assert set(environment_of_the_source()) == words.ENVIRONMENT.keys()


# --- errors: the table against real answers --------------------------------------------------------

IN_A_FLOW = [error for error in maps_tables.error_classes() if error.__name__ not in words.ANSWERS]


@pytest.mark.parametrize("error", IN_A_FLOW, ids=lambda error: error.__name__)
def test_an_error_is_shown_as_the_map_says(error: type[AuthError]) -> None:
    def fail(*_: Any) -> None:
        raise error("for the log only")

    browser = World("inline").browser(providers=[Credentials(authorize=fail)])
    location = urlsplit(browser.sign_in().location or "")
    told = maps_tables.answer_to(error)
    assert location.path == f"/auth/{told.page}"
    assert f"?{location.query}" == told.word.strip("`").replace("…", "credentials")
    assert browser.follow(location.geturl()).status == int(told.status)


@pytest.mark.parametrize(
    ("error", "path", "query", "host"),
    [
        ("UnknownAction", "nonsense", "", "localhost:3000"),
        ("InvalidCallbackUrl", "signin", "callbackUrl=javascript:alert(1)", "localhost:3000"),
        ("UntrustedHost", "signin", "", "evil.example"),
    ],
)
def test_an_error_before_any_flow_is_answered_as_the_map_says(
    error: str, path: str, query: str, host: str
) -> None:
    told = words.ANSWERS[error]
    browser = Browser(World("inline").auth(), host)
    answer = browser.get(path, query)
    assert answer.status == int(told[2])
    kind = {"JSON": b"application/json", "error": b"text/html"}[told[1]]
    assert dict(answer.headers)["content-type"].encode().startswith(kind)
    if told[1] == "JSON":
        assert answer.body.decode() == told[0].strip("`")


# --- cookies: the table against real sign-ins -----------------------------------------------------

FIRST_VISITS: tuple[Action, ...] = (
    "csrf",
    "error",
    "providers",
    "session",
    "signin",
    "signout",
    "verify-request",
)


class Watch(Browser):
    """A browser that notes which action set and cleared which cookie."""

    def __init__(self, auth: Any) -> None:
        super().__init__(auth)
        self.set_by: dict[str, set[str]] = {}
        self.cleared_by: dict[str, set[str]] = {}

    def send(self, method: str, path: str, **more: Any) -> Any:
        response = super().send(method, path, **more)
        action = f"{method} {path.split('/')[2]}"
        for cookie in self.sent:
            notes = self.cleared_by if cookie.options.max_age == 0 else self.set_by
            notes.setdefault(cookie.name, set()).add(action)
        return response


@pytest.fixture(scope="module")
def watched() -> Watch:
    world = World("inline")
    idp = idp_for(world)
    providers = [
        *world.config().providers,
        oidc(idp, checks=("pkce", "state", "nonce")),
    ]
    config = {
        "providers": [*providers, Passkey()],
        "http_client": idp.http,
        "adapter": world.adapter,
        "session": SessionConfig(strategy="jwt"),
    }
    browser = Watch(world.auth(**config))
    assert went_to(Visitor(browser).register()).startswith("http")
    browser.cookies.clear()
    tab = Tab(browser, idp, "idp")
    tab.start()
    tab.come_back()
    assert browser.session()["user"]["email"] == "alice@example.com"
    browser.send("POST", "/auth/session", body={"csrfToken": browser.csrf(), "data": {}})
    browser.post("signout")
    browser.sign_in()
    browser.cookies["authjs.session-token"] = "broken"
    browser.session()
    browser.cookies["authjs.session-token"] = "broken"
    browser.post("session")
    return browser


def actions_of(notes: dict[str, set[str]], key: str) -> set[str]:
    return notes.get(_NAMES[key], set())


@pytest.mark.parametrize("key", sorted(set(COOKIE_KEYS) - {"callback_url", "csrf_token"}))
def test_cookies_of_a_sign_in_come_and_go_as_the_map_says(watched: Watch, key: str) -> None:
    fact = words.COOKIES[key]
    assert actions_of(watched.set_by, key) == set(fact.set_by)
    assert actions_of(watched.cleared_by, key) == set(fact.cleared_by)


@pytest.mark.parametrize("key", ["callback_url", "csrf_token"])
def test_cookies_of_a_first_visit_are_set_as_the_map_says(key: str) -> None:
    auth = World("inline").auth()
    setting = set()
    for action in FIRST_VISITS:
        browser = Watch(auth)
        browser.get(action)
        setting |= actions_of(browser.set_by, key)
    assert setting == set(words.COOKIES[key].set_by)
    assert not words.COOKIES[key].cleared_by
