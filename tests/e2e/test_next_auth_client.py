"""next-auth's React client, unmodified, in Chromium, with Authwire behind it.

The client comes from npm as it is; its requests, redirects and messages between tabs are what a Next.js
app would make.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tests.e2e.clients import Issuers
from tests.e2e.react_app import App, bundle, running

from authwire.texts import Texts

pytestmark = [pytest.mark.needs_node, pytest.mark.needs_chromium]

SWITCHES = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 15_000
"""Milliseconds to wait for a condition before the test fails."""
PLAYWRIGHTS_PATIENCE = 5_000
"""What other modules expect it to be."""
TEXTS = Texts()


@pytest.fixture(scope="module")
def app(
    node_dir: Path,
    issuers: Issuers,
    app_socket: socket.socket,
    app_origin: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[App]:
    app = App(app_origin)
    script = bundle(node_dir, tmp_path_factory.mktemp("react"))
    with running(app, issuers, script=script, listening=app_socket):
        yield app


@pytest.fixture(scope="module")
def chrome(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        expect.set_options(timeout=PATIENCE)
        yield browser
        expect.set_options(timeout=PLAYWRIGHTS_PATIENCE)
        browser.close()


@dataclass
class Tab:
    """A page of the app with the client on it."""

    page: Page
    app: App

    def call(self, function: str, *args: Any) -> Any:
        """Call a function of the client and wait for what it returns."""
        return self.page.evaluate(f"args => window.client.{function}(...args)", list(args))

    def leave(self, function: str, *args: Any, to: str | re.Pattern[str]) -> None:
        """Call one that leads away from the page, and wait until the browser is there."""
        # The page is gone before the call could return.
        self.page.evaluate(f"args => {{ window.client.{function}(...args) }}", list(args))
        self.page.wait_for_url(to if isinstance(to, re.Pattern) else self.app.origin + to)

    def plug_in(self) -> None:
        """Give the device an authenticator that says yes to everything."""
        devices = self.page.context.new_cdp_session(self.page)
        devices.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    def sees(self, *, email: str | None) -> None:
        """Wait until the page shows who is signed in, or that nobody is."""
        state = "unauthenticated" if email is None else "authenticated"
        expect(self.page.locator("#status")).to_have_text(state)
        expect(self.page.locator("#email")).to_have_text(email or "")

    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.page.url).query)

    def allow(self, account: str = "ada-1") -> None:
        """Fill the provider's form in."""
        self.page.get_by_label("Account").fill(account)
        self.page.get_by_role("button", name="Allow").click()


@dataclass
class Person:
    """One browser profile, with as many tabs as wanted."""

    context: BrowserContext
    app: App
    faults: list[str]

    def open(self, path: str = "/") -> Tab:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.goto(self.app.origin + path)
        return Tab(page, self.app)

    def cookies(self) -> dict[str, Any]:
        return {cookie["name"]: cookie for cookie in self.context.cookies()}


@pytest.fixture
def people(app: App, chrome: Browser) -> Iterator[Callable[[], Person]]:
    """Makes persons. Whatever page of theirs had an error in its script fails the test."""
    app.forget()
    faults: list[str] = []
    with ExitStack() as profiles:

        def make() -> Person:
            context = profiles.enter_context(chrome.new_context())
            context.set_default_timeout(PATIENCE)
            return Person(context, app, faults)

        yield make
    assert not faults


@pytest.fixture
def person(people: Callable[[], Person]) -> Person:
    return people()


GRACE = {"username": "grace", "password": "open sesame", "redirect": False}


@pytest.fixture
def grace(person: Person) -> Tab:
    """A tab of somebody who has just signed in."""
    tab = person.open()
    tab.call("signIn", "credentials", GRACE)
    tab.sees(email="grace@example.com")
    return tab


# --- what the client reads ------------------------------------------------------------------------


def test_the_session_is_loading_and_then_nobodys(person: Person) -> None:
    tab = person.open()

    tab.sees(email=None)

    assert tab.page.evaluate("window.seen") == ["loading", "unauthenticated"]
    assert tab.call("getSession") is None


def test_the_client_gets_the_providers_in_order(person: Person) -> None:
    tab = person.open()
    base = f"{tab.app.origin}/api/auth"

    providers = tab.call("getProviders")

    assert [(p["id"], p["name"], p["type"]) for p in providers.values()] == [
        ("credentials", "Credentials", "credentials"),
        ("email", "Email", "email"),
        ("passkey", "Passkey", "webauthn"),
        ("oidc", "Real OIDC", "oidc"),
        ("posting", "Posting OIDC", "oidc"),
    ]
    assert providers["oidc"]["signinUrl"] == f"{base}/signin/oidc"
    assert providers["oidc"]["callbackUrl"] == f"{base}/callback/oidc"


def test_the_csrf_token_stays_the_same_for_one_browser(people: Callable[[], Person]) -> None:
    tab = people().open()
    first, second = tab.call("getCsrfToken"), tab.call("getCsrfToken")

    assert re.fullmatch("[0-9a-f]{64}", first)
    assert first == second
    assert people().open().call("getCsrfToken") != first


# --- credentials ----------------------------------------------------------------------------------


def test_good_credentials_sign_in_without_leaving_the_page(person: Person) -> None:
    tab = person.open("/deep/page")
    tab.page.evaluate("window.stayed = true")

    result = tab.call("signIn", "credentials", GRACE)

    url = f"{tab.app.origin}/deep/page"
    assert result == {"status": 200, "ok": True, "url": url} | dict.fromkeys(("error", "code"))
    tab.sees(email="grace@example.com")
    assert tab.page.evaluate("window.stayed")
    session = tab.call("getSession")
    assert session["user"] == {"name": "Grace Hopper", "email": "grace@example.com"}
    assert session["theme"] == "light"


@pytest.mark.parametrize(
    ("username", "code"), [("grace", "credentials"), ("locked", "account_locked")]
)
def test_bad_credentials_are_told_to_the_page(person: Person, username: str, code: str) -> None:
    tab = person.open()

    result = tab.call("signIn", "credentials", {**GRACE, "username": username, "password": "x"})

    assert result == {
        "error": "CredentialsSignin",
        "code": code,
        "status": 200,
        "ok": True,
        "url": None,
    }
    tab.sees(email=None)


def test_good_credentials_lead_where_the_page_says(person: Person) -> None:
    tab = person.open()

    options = {**GRACE, "redirect": True, "redirectTo": "/dashboard?tab=2"}
    tab.leave("signIn", "credentials", options, to="/dashboard?tab=2")

    tab.sees(email="grace@example.com")


def test_scripts_cannot_read_the_session_cookie(person: Person, grace: Tab) -> None:
    cookie = person.cookies()["authjs.session-token"]

    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
    assert "authjs" not in grace.page.evaluate("document.cookie")


# --- the session afterwards -----------------------------------------------------------------------


def test_update_reaches_the_jwt_callback_and_is_kept(grace: Tab) -> None:
    assert grace.call("update", {"theme": "dark"})["theme"] == "dark"
    expect(grace.page.locator("#theme")).to_have_text("dark")

    grace.page.reload()

    expect(grace.page.locator("#theme")).to_have_text("dark")


def test_update_without_data_reads_the_session_anew(grace: Tab) -> None:
    grace.call("update", {"theme": "dark"})

    assert grace.call("update")["theme"] == "dark"


def test_the_app_decides_what_an_update_may_change(grace: Tab) -> None:
    forged = {"theme": "evil", "user": {"email": "root@example.com"}, "sub": "root"}

    session = grace.call("update", forged)

    assert session["theme"] == "light"
    assert session["user"]["email"] == "grace@example.com"


def test_an_update_is_told_to_the_other_tabs(person: Person, grace: Tab) -> None:
    other = person.open()
    other.sees(email="grace@example.com")

    grace.call("update", {"theme": "dark"})

    expect(other.page.locator("#theme")).to_have_text("dark")


def test_a_tab_that_comes_to_the_front_asks_whether_the_session_still_lives(
    person: Person, grace: Tab
) -> None:
    grace.page.wait_for_load_state("networkidle")  # an answer on its way would put the cookie back
    person.context.clear_cookies(name="authjs.session-token")

    # The client asks at most once a second, and the event may come too early: say it until it hears.
    grace.page.wait_for_function("""() => {
        document.dispatchEvent(new Event("visibilitychange"))
        return document.querySelector("#status").textContent === "unauthenticated"
    }""")


def test_a_page_that_polls_notices_that_the_session_is_gone(person: Person, grace: Tab) -> None:
    polling = person.open("/polling")
    polling.sees(email="grace@example.com")

    # An answer on its way puts the cookie back, as it rolls the session: then it is taken away again.
    for _ in range(15):
        person.context.clear_cookies(name="authjs.session-token")
        with polling.page.expect_response(lambda answer: answer.url.endswith("/session")):
            pass
        if "authjs.session-token" not in person.cookies():
            break

    polling.sees(email=None)


# --- signing out ----------------------------------------------------------------------------------


def test_signing_out_in_one_tab_signs_out_in_all(person: Person, grace: Tab) -> None:
    other = person.open("/other")
    other.sees(email="grace@example.com")

    result = grace.call("signOut", {"redirect": False, "redirectTo": "/bye"})

    assert result == {"url": f"{grace.app.origin}/bye"}
    grace.sees(email=None)
    other.sees(email=None)
    assert "authjs.session-token" not in person.cookies()


def test_signing_out_leads_where_the_page_says(grace: Tab) -> None:
    grace.leave("signOut", {"redirectTo": "/bye?from=app"}, to="/bye?from=app")

    grace.sees(email=None)


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example"]
)
def test_signing_out_does_not_lead_to_another_site(grace: Tab, elsewhere: str) -> None:
    result = grace.call("signOut", {"redirect": False, "redirectTo": elsewhere})

    # As the browser reads it, because that is who is sent there.
    host = grace.page.evaluate("url => new URL(url).origin", result["url"])
    assert host == grace.app.origin


# --- through the provider -------------------------------------------------------------------------


def test_a_sign_in_at_the_provider_leads_back_to_the_page_it_began_on(person: Person) -> None:
    tab = person.open("/team/7?tab=files&q=a%20b")
    before = tab.page.url
    tab.page.get_by_role("button", name="Sign in with OIDC").click()
    tab.allow()

    tab.page.wait_for_url(before)

    tab.sees(email="ada@example.com")
    left = [name for name in person.cookies() if "state" in name or "pkce" in name]
    assert left == []
    (user,) = tab.app.adapter.users
    assert (user.name, user.image) == ("Ada Lovelace", "https://img.example/ada.png")


def test_parameters_of_the_page_reach_the_provider(person: Person) -> None:
    tab = person.open()
    with tab.page.expect_request(lambda request: "/auth?" in request.url) as caught:
        tab.call("signIn", "oidc", {}, {"login_hint": "ada", "client_id": "another"})

    asked = parse_qs(urlsplit(caught.value.url).query)
    assert asked["login_hint"] == ["ada"]
    assert asked["client_id"] == ["web:odd+id"]
    assert asked["code_challenge_method"] == ["S256"]


def test_an_answer_that_is_posted_from_the_provider_finds_its_cookies(person: Person) -> None:
    tab = person.open("/from/here")
    tab.call("signIn", "posting", {"redirectTo": "/posted"})
    with tab.page.expect_request("**/callback/posting") as caught:
        tab.allow()

    tab.page.wait_for_url(f"{tab.app.origin}/posted")

    assert caught.value.method == "POST"
    tab.sees(email="ada@example.com")


def test_two_tabs_sign_in_at_the_same_time(person: Person) -> None:
    first, second = person.open(), person.open()
    for tab in (first, second):
        tab.page.get_by_role("button", name="Sign in with OIDC").click()
        expect(tab.page.get_by_label("Account")).to_be_visible()

    for tab in (second, first):
        tab.allow()
        tab.page.wait_for_url(re.compile(re.escape(person.app.origin)))

        tab.sees(email="ada@example.com")


def test_who_refuses_at_the_provider_comes_back_to_the_sign_in_page(person: Person) -> None:
    tab = person.open()
    tab.page.get_by_role("button", name="Sign in with OIDC").click()
    tab.page.get_by_role("button", name="Deny").click()

    tab.page.wait_for_url(re.compile("/api/auth/signin"))

    assert tab.query()["error"] == ["OAuthCallbackError"]
    expect(tab.page.get_by_role("alert")).to_have_text(TEXTS.error_oauth)
    assert tab.app.adapter.users == []


def test_an_address_that_belongs_to_somebody_else_is_not_taken_over(
    people: Callable[[], Person], app: App
) -> None:
    owner = people().open()
    owner.call("signIn", "email", {"email": "ada@example.com", "redirect": False})
    owner.page.goto(app.mails[0].url)
    owner.sees(email="ada@example.com")

    other = people().open()
    other.page.get_by_role("button", name="Sign in with OIDC").click()
    other.allow()

    other.page.wait_for_url(re.compile("/api/auth/signin"))
    assert other.query()["error"] == ["OAuthAccountNotLinked"]
    assert app.adapter.accounts == []


# --- passkeys -------------------------------------------------------------------------------------


@pytest.fixture
def key(person: Person) -> Tab:
    """A tab of somebody whose device holds passkeys."""
    tab = person.open()
    tab.plug_in()
    return tab


def test_a_passkey_signs_up_and_in_without_leaving_the_page(key: Tab, app: App) -> None:
    url = f"{app.origin}/"
    ok = {"status": 200, "ok": True, "url": url} | dict.fromkeys(("error", "code"))
    key.page.evaluate("window.stayed = true")
    new = {"email": "pat@example.com", "redirect": False}

    assert key.call("passkeySignIn", "passkey", new) == ok
    key.sees(email="pat@example.com")

    for options in ({}, {"email": "pat@example.com"}):
        key.call("signOut", {"redirect": False})
        key.sees(email=None)
        assert key.call("passkeySignIn", "passkey", {**options, "redirect": False}) == ok
        key.sees(email="pat@example.com")
    assert key.page.evaluate("window.stayed")
    assert [row.counter for row in app.adapter.authenticators] == [3]


def test_a_signed_in_user_adds_a_passkey(key: Tab, app: App) -> None:
    key.call("signIn", "email", {"email": "mia@example.com", "redirect": False})
    key.page.goto(app.mails[0].url)
    key.sees(email="mia@example.com")

    register = {"action": "register", "redirect": False}
    assert key.call("passkeySignIn", "passkey", register)["ok"]

    (row,) = app.adapter.authenticators
    assert row.user_id == app.adapter.users[0].id
    again = "o => window.client.passkeySignIn('passkey', o).then(() => 'made', (e) => e.name)"
    assert key.page.evaluate(again, register) == "InvalidStateError"


def test_a_passkey_leads_where_the_page_says(key: Tab) -> None:
    options = {"email": "pat@example.com", "redirectTo": "/dashboard?tab=2"}
    key.leave("passkeySignIn", "passkey", options, to="/dashboard?tab=2")

    key.sees(email="pat@example.com")


def test_a_passkey_for_an_address_that_is_taken_is_not_made(
    people: Callable[[], Person], app: App, key: Tab
) -> None:
    owner = people().open()
    owner.call("signIn", "email", {"email": "ada@example.com", "redirect": False})
    owner.page.goto(app.mails[0].url)
    owner.sees(email="ada@example.com")
    options = {"email": "ada@example.com", "action": "register", "redirect": False}

    assert key.call("passkeySignIn", "passkey", options) is None

    assert app.adapter.authenticators == []


# --- magic links ----------------------------------------------------------------------------------


def test_a_magic_link_signs_in_once(people: Callable[[], Person], app: App) -> None:
    tab = people().open()
    options = {"email": " Mia@Example.com", "redirect": False, "redirectTo": "/inbox?a=1&b=2"}

    result = tab.call("signIn", "email", options)

    shown = f"{app.origin}/api/auth/verify-request?provider=email&type=email"
    assert (result["ok"], result["url"], result.get("error")) == (True, shown, None)
    tab.sees(email=None)
    (mail,) = app.mails
    assert mail.identifier == "mia@example.com"
    tab.page.goto(mail.url)
    assert tab.page.url == f"{app.origin}/inbox?a=1&b=2"
    tab.sees(email="mia@example.com")

    thief = people().open()
    thief.page.goto(mail.url)
    assert urlsplit(thief.page.url).path == "/api/auth/error"
    assert thief.query()["error"] == ["Verification"]


def test_after_asking_for_a_link_the_browser_is_told_to_look_at_the_mail(person: Person) -> None:
    tab = person.open()

    to = "/api/auth/verify-request?provider=email&type=email"
    tab.leave("signIn", "email", {"email": "mia@example.com"}, to=to)

    expect(tab.page.get_by_role("heading")).to_have_text(TEXTS.verify_heading)


# --- the built-in pages ---------------------------------------------------------------------------


def test_sign_in_without_a_provider_opens_the_built_in_page_and_comes_back(person: Person) -> None:
    tab = person.open("/from/here")
    tab.page.get_by_role("button", name="Sign in", exact=True).click()
    tab.page.wait_for_url(re.compile("/api/auth/signin"))
    assert tab.query()["callbackUrl"] == [f"{tab.app.origin}/from/here"]

    tab.page.get_by_label("Name").fill("grace")
    tab.page.get_by_label("Password").fill("open sesame")
    tab.page.get_by_role("button", name="Sign in", exact=True).click()

    tab.page.wait_for_url(f"{tab.app.origin}/from/here")
    tab.sees(email="grace@example.com")


def test_the_built_in_page_leads_to_the_provider(person: Person) -> None:
    tab = person.open("/api/auth/signin?callbackUrl=/after")
    tab.page.get_by_role("button", name="Real OIDC").click()
    tab.allow()

    tab.page.wait_for_url(f"{tab.app.origin}/after")
    tab.sees(email="ada@example.com")


def test_a_page_for_members_asks_for_a_sign_in_first(person: Person) -> None:
    tab = person.open("/members")
    tab.page.wait_for_url(re.compile("/api/auth/signin"))
    assert tab.query() == {
        "error": ["SessionRequired"],
        "callbackUrl": [f"{tab.app.origin}/members"],
    }
    expect(tab.page.get_by_role("alert")).to_have_text(TEXTS.error_session_required)

    tab.page.get_by_role("button", name="Real OIDC").click()
    tab.allow()

    tab.page.wait_for_url(f"{tab.app.origin}/members")
    tab.sees(email="ada@example.com")


def test_the_built_in_page_signs_out(grace: Tab) -> None:
    grace.page.goto(f"{grace.app.origin}/api/auth/signout?callbackUrl=/left")
    grace.page.get_by_role("button", name="Sign out").click()

    grace.page.wait_for_url(f"{grace.app.origin}/left")
    grace.sees(email=None)
