"""What is in the tables, and what the app sees of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any, ClassVar
from urllib.parse import unquote

import pytest
from tests.core.harness import SECRET, World

from authwire import Account, AtRestConfig, AuthError, SessionConfig, SignOutEvent
from authwire.adapters.memory import MemoryAdapter
from authwire.config import Events
from authwire.errors import AdapterError, SignOutError
from authwire.http import Request
from authwire.testing.provider import FakeProvider

COOKIE = "authjs.session-token"
MakeTab = Callable[..., Any]
DATABASE = SessionConfig(strategy="database")
PLAIN = AtRestConfig(session_tokens="plain", provider_tokens="plain")
TOKENS = ("access_token", "refresh_token", "id_token")


class SharedAdapter(MemoryAdapter[Any]):
    """One that Auth.js writes to as well."""

    shared_with_authjs: ClassVar[bool] = True


def database(browser: Any) -> Any:
    return browser.auth.database()


def use(browser: Any, method: str, *args: Any) -> Any:
    """Call a method of ``auth.database()``, in an async app or a sync one."""
    return browser.run(getattr(database(browser), method), *args)


def known_to(idp: FakeProvider, access_token: str) -> bool:
    """Whether the provider has issued this very token."""
    return idp._state.access_tokens.get(access_token) is not None


def stored_tokens(account: Account) -> list[str]:
    return [text for name in TOKENS if (text := getattr(account, name)) is not None]


# --- session tokens -------------------------------------------------------------------------------


def test_the_table_has_the_hash_of_a_session_token(world: World) -> None:
    browser = world.browser(adapter=world.adapter, session=DATABASE)
    browser.sign_in()
    token = unquote(browser.cookies[COOKIE])
    assert [row.session_token for row in world.adapter.sessions] == [
        sha256(token.encode()).hexdigest()
    ]
    assert browser.session()["user"]["name"] == "Ada"
    session = browser.app_session()
    assert session is not None
    assert session.session_token == token


def test_what_the_table_has_signs_nobody_in(world: World) -> None:
    browser = world.browser(adapter=world.adapter, session=DATABASE)
    browser.sign_in()
    thief = world.browser(adapter=world.adapter, session=DATABASE)
    thief.cookies[COOKIE] = world.adapter.sessions[0].session_token
    assert thief.session() is None
    assert browser.session() is not None


def test_signing_out_deletes_the_row_and_tells_its_own_token(world: World) -> None:
    seen: list[SignOutEvent] = []
    browser = world.browser(
        adapter=world.adapter, session=DATABASE, events=Events(sign_out=seen.append)
    )
    browser.sign_in()
    token = unquote(browser.cookies[COOKIE])
    browser.post("signout")
    assert world.adapter.sessions == []
    assert seen[0].session is not None
    assert seen[0].session.session_token == token


@pytest.mark.parametrize(
    ("adapter", "at_rest"),
    [
        pytest.param(MemoryAdapter, PLAIN, id="asked-for"),
        pytest.param(SharedAdapter, AtRestConfig(), id="shared-with-authjs"),
    ],
)
def test_plain_session_tokens_are_kept_as_auth_js_keeps_them(
    world: World, adapter: type[MemoryAdapter[Any]], at_rest: AtRestConfig
) -> None:
    store = adapter()
    browser = world.browser(adapter=store, session=DATABASE, at_rest=at_rest)
    browser.sign_in()
    assert [row.session_token for row in store.sessions] == [unquote(browser.cookies[COOKIE])]
    assert browser.session() is not None


# --- everywhere -----------------------------------------------------------------------------------


def test_signing_out_everywhere_ends_all_sessions_of_this_user_only(world: World) -> None:
    config = world.config(adapter=world.adapter, session=DATABASE)
    here, phone, other = (world.browser(config) for _ in range(3))
    here.sign_in()
    phone.cookies = {}
    phone.sign_in()
    other.sign_in("bob")
    if len({row.user_id for row in world.adapter.sessions}) != 2:
        pytest.fail("the two browsers of ada must be one user")
    answer = here.receive(here.run(here.auth.sign_out, here.request("GET", "/"), everywhere=True))
    assert answer.status == 302
    assert COOKIE not in here.cookies
    assert phone.session() is None
    assert other.session() is not None


def test_signing_out_everywhere_without_a_session_ends_nobodys(world: World) -> None:
    config = world.config(adapter=world.adapter, session=DATABASE)
    ada, nobody = world.browser(config), world.browser(config)
    ada.sign_in()
    nobody.run(nobody.auth.sign_out, nobody.request("GET", "/"), everywhere=True)
    assert ada.session() is not None


def test_signing_out_everywhere_needs_sessions_in_a_database(world: World) -> None:
    browser = world.browser()
    browser.sign_in()
    with pytest.raises(SignOutError, match="database"):
        browser.run(browser.auth.sign_out, browser.request("GET", "/"), everywhere=True)
    assert browser.session() is not None


def test_signing_out_everywhere_with_an_adapter_that_cannot_is_an_error(world: World) -> None:
    class Limited(MemoryAdapter[Any]):
        delete_sessions_by_user_id = None  # type: ignore[assignment]  # as if it were not there

    browser = world.browser(adapter=Limited(), session=DATABASE)
    browser.sign_in()
    with pytest.raises(SignOutError, match="delete_sessions_by_user_id"):
        browser.run(browser.auth.sign_out, browser.request("GET", "/"), everywhere=True)


def test_the_app_ends_the_sessions_of_a_user_but_for_one(world: World) -> None:
    config = world.config(adapter=world.adapter, session=DATABASE)
    here, phone = world.browser(config), world.browser(config)
    here.sign_in()
    phone.sign_in()
    user_id = world.adapter.sessions[0].user_id
    token = unquote(here.cookies[COOKIE])
    assert use(here, "delete_sessions_by_user_id", user_id, token) == 1
    assert here.session() is not None
    assert phone.session() is None


# --- provider tokens ------------------------------------------------------------------------------


def test_the_table_has_no_readable_token_of_a_provider(world: World, tab: MakeTab) -> None:
    here = tab()
    here.start()
    here.come_back()
    (row,) = world.adapter.accounts
    assert len(stored_tokens(row)) >= 2
    assert all(text.startswith("aw1.") for text in stored_tokens(row))
    (account,) = use(here.browser, "list_accounts_by_user_id", row.user_id)
    readable = stored_tokens(account)
    assert len(readable) == len(stored_tokens(row))
    assert not any(text.startswith("aw1.") for text in readable)
    assert account == use(here.browser, "get_account", row.provider, row.provider_account_id)
    assert known_to(here.idp, account.access_token)


def test_a_later_sign_in_stores_the_tokens_anew(world: World, tab: MakeTab) -> None:
    here = tab()
    here.start()
    here.come_back()
    (first,) = world.adapter.accounts
    again = tab()
    again.start()
    again.come_back()
    (second,) = world.adapter.accounts
    opened = use(again.browser, "get_account", second.provider, second.provider_account_id)
    assert second.access_token != first.access_token
    assert known_to(again.idp, opened.access_token)


def test_tokens_stored_before_encryption_are_read(world: World, tab: MakeTab) -> None:
    here = tab({"at_rest": PLAIN})
    here.start()
    here.come_back()
    (plain,) = world.adapter.accounts
    assert not any(text.startswith("aw1.") for text in stored_tokens(plain))
    later = tab()
    key = (plain.provider, plain.provider_account_id)
    assert use(later.browser, "get_account", *key) == plain
    later.start()
    later.come_back()
    assert all(text.startswith("aw1.") for text in stored_tokens(world.adapter.accounts[0]))


def test_secrets_are_rotated(world: World, tab: MakeTab) -> None:
    here = tab()
    here.start()
    here.come_back()
    (row,) = world.adapter.accounts
    key = (row.provider, row.provider_account_id)
    rotated = tab({"secret": ["a newer secret, long enough for this", SECRET]})
    assert stored_tokens(use(rotated.browser, "get_account", *key))
    gone = tab({"secret": "a newer secret, long enough for this"})
    with pytest.raises(AdapterError, match="add the old secret"):
        use(gone.browser, "get_account", *key)
    gone.start()
    gone.come_back()  # stores them anew
    assert stored_tokens(use(gone.browser, "get_account", *key))


def test_a_secret_of_their_own_keeps_the_tokens_apart(world: World, tab: MakeTab) -> None:
    own = AtRestConfig(secret=["a secret for tokens at rest only, new", "and the one before it"])
    here = tab({"at_rest": own})
    here.start()
    here.come_back()
    (row,) = world.adapter.accounts
    key = (row.provider, row.provider_account_id)
    other = tab({"at_rest": own, "secret": "another secret for the cookies, long"})
    assert stored_tokens(use(other.browser, "get_account", *key))
    with pytest.raises(AdapterError):
        use(tab().browser, "get_account", *key)


def test_tokens_moved_to_another_account_do_not_open(world: World, tab: MakeTab) -> None:
    here = tab()
    here.start()
    here.come_back()
    (row,) = world.adapter.accounts
    moved = replace(row, provider_account_id="someone-else")
    world.run(world.adapter.link_account, moved)
    with pytest.raises(AdapterError, match="altered or moved"):
        use(here.browser, "get_account", row.provider, "someone-else")


def test_rows_shared_with_auth_js_keep_their_tokens_plain(world: World, tab: MakeTab) -> None:
    store = SharedAdapter()
    here = tab({"adapter": store})
    here.start()
    here.come_back()
    (row,) = store.accounts
    assert known_to(here.idp, row.access_token)


# --- auth.database() ------------------------------------------------------------------------------


def test_without_an_adapter_there_is_no_database(world: World) -> None:
    with pytest.raises(AdapterError, match="no adapter"):
        database(world.browser())


def test_a_config_chosen_by_request_needs_the_request(world: World) -> None:
    config = world.config(adapter=world.adapter)

    def choose(_request: Request) -> Any:
        return config

    browser = world.browser(choose)
    with pytest.raises(ValueError, match="pass the request"):
        database(browser)
    found = browser.auth.database(browser.request("GET", "/"))
    assert browser.run(found.get_user, "unknown") is None


def test_a_failing_database_is_an_auth_error_for_the_app_too(world: World) -> None:
    class Broken(MemoryAdapter[Any]):
        async def get_user(self, user_id: str) -> Any:
            raise OSError("connection to db:5432 refused for user secret")

    browser = world.browser(adapter=Broken())
    with pytest.raises(AuthError) as caught:
        use(browser, "get_user", "1")
    assert "secret" not in str(caught.value)
