"""``client.js`` in Chromium, against real apps: at ``/auth`` and at another base path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tests.e2e.client_app import EXAMPLE, ClientApp, two_apps
from tests.e2e.react_app import bundle
from tests.e2e.test_next_auth_client import GRACE, PATIENCE, PLAYWRIGHTS_PATIENCE, SWITCHES

pytestmark = [pytest.mark.needs_node, pytest.mark.needs_chromium]

LOGIN = {name: GRACE[name] for name in ("username", "password")}
STAY = {"redirect": False}
SESSION = "authjs.session-token"
# As in browsers without it, or with storage switched off.
NO_CHANNEL = "delete globalThis.BroadcastChannel"
NO_STORAGE = """Object.defineProperty(globalThis, "localStorage", {
    get() { throw new DOMException("denied", "SecurityError") } })"""


@pytest.fixture(scope="module")
def apps(
    node_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ClientApp, ClientApp]]:
    with two_apps(bundle(node_dir, tmp_path_factory.mktemp("react"))) as apps:
        yield apps


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
    """A page that uses the client."""

    page: Page
    app: ClientApp

    def call(self, function: str, *args: Any) -> Any:
        """Call a function of the client; returns what it resolves to, or the error's message."""
        script = "args => client.%s(...args).catch((error) => `rejected: ${error.message}`)"
        return self.page.evaluate(script % function, list(args))

    def leave(self, function: str, *args: Any, to: str | re.Pattern[str]) -> None:
        """Call one that leads away from the page, and wait until the browser is there."""
        self.page.evaluate(f"args => {{ client.{function}(...args) }}", list(args))
        self.page.wait_for_url(to if isinstance(to, re.Pattern) else self.app.origin + to)

    def sees(self, who: str) -> None:
        expect(self.page.locator("#email")).to_have_text(who)

    def told(self) -> list[str | None]:
        """Whom each call of the callback was about."""
        seen: list[Any] = self.page.evaluate("window.seen")
        return [session and session["user"]["email"] for session in seen]

    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.page.url).query)


@dataclass
class Person:
    """One browser profile."""

    context: BrowserContext
    app: ClientApp

    def open(self, path: str = "/", *, of: ClientApp | None = None) -> Tab:
        page = self.context.new_page()
        page.goto((of or self.app).origin + path)
        return Tab(page, of or self.app)

    def is_signed_in(self) -> bool:
        """Whether the app would let this browser in."""
        headers = {"accept": "application/json"}
        return self.context.request.get(f"{self.app.origin}/me", headers=headers).status == 200


@pytest.fixture
def make_person(
    apps: tuple[ClientApp, ClientApp], chrome: Browser
) -> Iterator[Callable[[ClientApp], Person]]:
    """Makes persons. Whatever page of theirs had an error in its script fails the test."""
    faults: list[str] = []
    for app in apps:
        app.adapter.clear()
        app.mails.clear()
        app.delay = 0
    with ExitStack() as profiles:

        def make(app: ClientApp) -> Person:
            context = profiles.enter_context(chrome.new_context())
            context.set_default_timeout(PATIENCE)
            context.on("weberror", lambda error: faults.append(str(error.error)))
            return Person(context, app)

        yield make
    assert not faults


@pytest.fixture(params=[0, 1], ids=["auth", "api-auth"])
def person(
    request: pytest.FixtureRequest,
    apps: tuple[ClientApp, ClientApp],
    make_person: Callable[[ClientApp], Person],
) -> Person:
    return make_person(apps[request.param])


@pytest.fixture
def somebody(
    apps: tuple[ClientApp, ClientApp], make_person: Callable[[ClientApp], Person]
) -> Person:
    """For what the base path makes no difference to."""
    return make_person(apps[0])


def signed_in(person: Person, path: str = "/") -> Tab:
    tab = person.open(path)
    tab.sees("nobody")
    assert tab.call("signIn", "credentials", LOGIN, STAY)["ok"]
    tab.sees("grace@example.com")
    return tab


# --- what it reads --------------------------------------------------------------------------------


def test_a_stranger_has_no_session(person: Person) -> None:
    tab = person.open()
    tab.sees("nobody")
    assert tab.call("getSession") is None
    assert tab.told() == [None]


def test_the_providers_come_by_id_and_in_order(person: Person) -> None:
    providers = person.open().call("getProviders")
    base = person.app.origin + person.app.base
    assert [(key, item["type"]) for key, item in providers.items()] == [
        ("credentials", "credentials"),
        ("email", "email"),
        ("idp", "oidc"),
    ]
    assert providers["idp"]["signinUrl"] == f"{base}/signin/idp"


# --- credentials ----------------------------------------------------------------------------------


def test_credentials_sign_in_without_leaving_the_page(person: Person) -> None:
    tab, other = person.open("/deep/page?q=a%20b"), person.open("/other")
    other.sees("nobody")
    result = tab.call("signIn", "credentials", LOGIN, STAY)
    assert result == {"ok": True, "error": None, "code": None, "url": tab.page.url}
    tab.sees("grace@example.com")
    other.sees("grace@example.com")
    session = tab.call("getSession")
    assert session["user"] == {"name": "Grace Hopper", "email": "grace@example.com"}
    assert person.is_signed_in()


@pytest.mark.parametrize(
    ("username", "code"), [("grace", "credentials"), ("locked", "account_locked")]
)
def test_refused_credentials_are_told_to_the_page(person: Person, username: str, code: str) -> None:
    tab = person.open()
    result = tab.call("signIn", "credentials", {"username": username, "password": "x"}, STAY)
    assert result == {"ok": False, "error": "CredentialsSignin", "code": code, "url": None}
    tab.sees("nobody")


def test_credentials_lead_where_the_page_says(person: Person) -> None:
    tab = person.open()
    tab.leave(
        "signIn", "credentials", LOGIN, {"callbackUrl": "/dashboard?tab=2"}, to="/dashboard?tab=2"
    )
    tab.sees("grace@example.com")


def test_refused_credentials_lead_to_the_sign_in_page(person: Person) -> None:
    tab = person.open()
    tab.leave("signIn", "credentials", {"password": "x"}, to=re.compile("/signin"))
    assert tab.query() == {"error": ["CredentialsSignin"], "code": ["credentials"]}


def test_the_fields_may_come_from_a_form(somebody: Person) -> None:
    tab = somebody.open()
    for name, value in LOGIN.items():
        tab.page.locator(f"[name={name}]").fill(str(value))
    script = """() => client.signIn(
        "credentials", new FormData(document.querySelector("form")), { redirect: false })"""
    assert tab.page.evaluate(script)["ok"]


def test_a_page_that_shows_an_error_is_come_back_to_without_it(somebody: Person) -> None:
    tab = somebody.open("/?error=CredentialsSignin&tab=2")
    tab.leave("signIn", "credentials", LOGIN, to="/?tab=2")
    tab.sees("grace@example.com")


def test_a_fragment_alone_still_loads_the_page_anew(somebody: Person) -> None:
    tab = somebody.open("/page#part")
    with tab.page.expect_navigation(url=f"{somebody.app.origin}/page#part"):
        tab.page.evaluate("login => { client.signIn('credentials', login) }", LOGIN)
    tab.sees("grace@example.com")
    assert tab.told() == ["grace@example.com"]


# --- magic links, and the provider ----------------------------------------------------------------


def test_a_magic_link_opened_in_another_tab_signs_in_both(person: Person) -> None:
    tab = person.open()
    options = {"redirect": False, "callbackUrl": "/inbox?a=1&b=2"}
    result = tab.call("signIn", "email", {"email": "mia@example.com"}, options)
    shown = f"{person.app.origin}{person.app.base}/verify-request?provider=email&type=email"
    assert result == {"ok": True, "error": None, "code": None, "url": shown}
    tab.sees("nobody")
    opened = person.context.new_page()
    opened.goto(person.app.mails[0].url)
    assert opened.url == f"{person.app.origin}/inbox?a=1&b=2"
    tab.sees("mia@example.com")


def test_the_other_tabs_hear_of_somebody_else_who_signs_in(person: Person) -> None:
    tab = signed_in(person)
    other = person.open("/other")
    other.sees("grace@example.com")
    options = {"callbackUrl": "/inbox"}
    address = {"email": "mia@example.com"}
    tab.leave("signIn", "email", address, options, to=re.compile("/verify-request"))
    tab.page.goto(person.app.mails[0].url)
    tab.sees("mia@example.com")
    other.sees("mia@example.com")


def test_who_asked_for_a_link_is_told_to_look_at_the_mail(person: Person) -> None:
    tab = person.open()
    tab.leave("signIn", "email", {"email": "mia@example.com"}, to=re.compile("/verify-request"))
    assert len(person.app.mails) == 1


def test_the_provider_leads_back_to_the_page_and_the_other_tabs_hear_of_it(person: Person) -> None:
    other = person.open("/other")
    other.sees("nobody")
    tab = person.open("/team/7?tab=files&q=a%20b")
    before = tab.page.url
    tab.leave("signIn", "idp", to=re.compile(re.escape(person.app.idp)))
    tab.page.get_by_role("button", name="Alice").click()
    tab.page.wait_for_url(before)
    tab.sees("alice@example.com")
    other.sees("alice@example.com")


def test_parameters_of_the_page_reach_the_provider(somebody: Person) -> None:
    options = {"redirect": False, "params": {"login_hint": "ada", "prompt": "login"}}
    result = somebody.open().call("signIn", "idp", {}, options)
    assert result["ok"]
    assert result["url"].startswith(f"{somebody.app.idp}/authorize?")
    asked = parse_qs(urlsplit(result["url"]).query)
    assert (asked["login_hint"], asked["prompt"]) == (["ada"], ["login"])


def test_an_unknown_provider_is_an_error(somebody: Person) -> None:
    result = somebody.open().call("signIn", "no such?one", {}, STAY)
    assert (result["ok"], result["error"], result["url"]) == (False, "Configuration", None)


def test_without_a_provider_the_sign_in_page_opens_and_comes_back(person: Person) -> None:
    tab = person.open("/from/here?a=b")
    tab.leave("signIn", to=re.compile(f"{person.app.base}/signin"))
    assert tab.query()["callbackUrl"] == [f"{person.app.origin}/from/here?a=b"]


# --- update and sign-out --------------------------------------------------------------------------


def test_an_update_reaches_the_callbacks_and_the_other_tabs(person: Person) -> None:
    tab = signed_in(person)
    other = person.open("/other")
    other.sees("grace@example.com")
    assert tab.call("update", {"theme": "dark"})["theme"] == "dark"
    for each in (tab, other):
        expect(each.page.locator("#theme")).to_have_text("dark")
    assert tab.call("update", {"theme": "evil", "user": {"email": "x"}})["theme"] == "dark"


def test_signing_out_in_one_tab_signs_out_in_all(person: Person) -> None:
    tab = signed_in(person)
    other = person.open("/other")
    other.sees("grace@example.com")
    result = tab.call("signOut", {"redirect": False, "callbackUrl": "/bye"})
    url = f"{person.app.origin}/bye"
    assert result == {"ok": True, "error": None, "code": None, "url": url}
    tab.sees("nobody")
    other.sees("nobody")
    assert not person.is_signed_in()


def test_signing_out_leads_where_the_page_says(person: Person) -> None:
    tab = signed_in(person)
    other = person.open("/other")
    other.sees("grace@example.com")
    tab.leave("signOut", {"callbackUrl": "/bye?from=app"}, to="/bye?from=app")
    tab.sees("nobody")
    other.sees("nobody")


def test_an_answer_that_is_late_does_not_undo_a_sign_out(somebody: Person) -> None:
    tab = signed_in(somebody)
    somebody.app.delay = 0.5
    script = """async () => {
        const late = client.getSession();  // whose answer prolongs the session
        const out = client.signOut({ redirect: false });
        return [(await late)?.user.email, (await out).ok];
    }"""
    assert tab.page.evaluate(script) == ["grace@example.com", True]
    tab.sees("nobody")
    assert not somebody.is_signed_in()


# --- onSession ------------------------------------------------------------------------------------


def test_a_look_that_finds_nothing_new_tells_nobody(somebody: Person) -> None:
    tab = signed_in(somebody)
    before = tab.call("getSession")["expires"]
    tab.page.wait_for_timeout(5)
    assert tab.call("getSession")["expires"] > before
    assert tab.told() == [None, "grace@example.com"]


def test_who_comes_later_is_told_without_asking_the_server(somebody: Person) -> None:
    tab = signed_in(somebody)
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    script = "() => new Promise((resolve) => client.onSession((s) => resolve(s.user.email)))"
    assert tab.page.evaluate(script) == "grace@example.com"
    assert asked == []


def test_who_has_stopped_is_told_no_more(somebody: Person) -> None:
    tab = signed_in(somebody)
    tab.page.evaluate("window.stop()")
    tab.call("signOut", STAY)
    assert tab.told() == [None, "grace@example.com"]


def test_a_callback_that_fails_does_not_keep_others_from_hearing(
    apps: Any, chrome: Browser
) -> None:
    with chrome.new_context() as context:
        tab = Person(context, apps[0]).open()
        with tab.page.expect_event("pageerror") as fault:
            failing = "client.onSession(() => { throw new Error('mine') })"
            tab.page.add_script_tag(content=failing, type="module")
        assert "mine" in str(fault.value)
        assert tab.call("signIn", "credentials", LOGIN, STAY)["ok"]
        tab.sees("grace@example.com")


@pytest.mark.parametrize("sign", ["window, 'focus'", "document, 'visibilitychange'"])
def test_a_tab_that_comes_to_the_front_looks_whether_the_session_still_lives(
    somebody: Person, sign: str
) -> None:
    tab = signed_in(somebody)
    tab.page.wait_for_load_state("networkidle")  # an answer on its way would put the cookie back
    somebody.context.clear_cookies(name=SESSION)
    # It asks at most once a second: say it until it hears.
    tab.page.wait_for_function(f"""() => {{
        const [target, name] = [{sign}];
        target.dispatchEvent(new Event(name, {{ bubbles: true }}));
        return document.querySelector("#email").textContent === "nobody";
    }}""")


def test_a_page_that_polls_notices_that_the_session_is_gone(somebody: Person) -> None:
    tab = signed_in(somebody, "/polling")
    # An answer on its way puts the cookie back, as it rolls the session: then it is taken away again.
    for _ in range(15):
        somebody.context.clear_cookies(name=SESSION)
        with tab.page.expect_response(lambda answer: answer.url.endswith("/session")):
            pass
        if SESSION not in {cookie.get("name") for cookie in somebody.context.cookies()}:
            break
    tab.sees("nobody")


def test_an_outage_is_no_sign_out(somebody: Person) -> None:
    tab = signed_in(somebody)
    for answer, message in (
        (lambda route: route.fulfill(status=500, json={"message": "sorry"}), "session: 500"),
        (lambda route: route.abort(), "Failed to fetch"),
    ):
        tab.page.route("**/auth/session", answer)
        assert tab.call("getSession") == f"rejected: {message}"
        tab.page.unroute("**/auth/session")
    tab.sees("grace@example.com")
    assert tab.call("getSession")["user"]["email"] == "grace@example.com"
    assert tab.told() == [None, "grace@example.com"]


# --- other browsers, other clients ----------------------------------------------------------------


@pytest.mark.parametrize("missing", [NO_CHANNEL, NO_STORAGE], ids=["channel", "storage"])
def test_tabs_hear_of_each_other_by_what_the_browser_has(somebody: Person, missing: str) -> None:
    somebody.context.add_init_script(missing)
    tab, other = somebody.open(), somebody.open("/other")
    other.sees("nobody")
    tab.call("signIn", "credentials", LOGIN, STAY)
    other.sees("grace@example.com")
    tab.call("update", {"theme": "dark"})
    expect(other.page.locator("#theme")).to_have_text("dark")
    other.call("signOut", STAY)
    tab.sees("nobody")


def test_tabs_do_not_keep_telling_each_other(somebody: Person) -> None:
    somebody.context.add_init_script(NO_STORAGE)
    first, second = signed_in(somebody), somebody.open("/other")
    second.sees("grace@example.com")
    asked: list[str] = []
    for tab in (first, second):
        tab.page.on("request", lambda request: asked.append(request.url))
    first.call("update", {"theme": "dark"})
    expect(second.page.locator("#theme")).to_have_text("dark")
    first.page.wait_for_timeout(1000)
    assert [url.rpartition("/")[2] for url in asked] == ["csrf", "session", "session"]


def test_it_and_next_auths_react_client_understand_each_other(
    apps: tuple[ClientApp, ClientApp], make_person: Callable[[ClientApp], Person]
) -> None:
    person = make_person(apps[1])
    ours = person.open()
    ours.sees("nobody")
    react = person.open("/react")
    react.sees("")
    ours.call("signIn", "credentials", LOGIN, STAY)
    react.sees("grace@example.com")
    react.page.evaluate("window.client.update({ theme: 'dark' })")
    expect(ours.page.locator("#theme")).to_have_text("dark")
    ours.call("update", {"theme": "light"})
    expect(react.page.locator("#theme")).to_have_text("light")
    react.page.evaluate("window.client.signOut({ redirect: false })")
    ours.sees("nobody")
    react.page.evaluate("login => window.client.signIn('credentials', login)", GRACE)
    react.page.reload()  # without it that client would tell nobody
    ours.sees("grace@example.com")
    ours.call("signOut", STAY)
    react.sees("")


def test_a_page_of_another_origin_of_the_site_may_use_it_if_the_app_says_so(
    apps: tuple[ClientApp, ClientApp], make_person: Callable[[ClientApp], Person]
) -> None:
    api = apps[1]
    tab = make_person(apps[0]).open(f"/?of={api.origin}{api.base}")
    tab.sees("nobody")
    result = tab.call("signIn", "credentials", LOGIN, STAY)
    assert isinstance(result, dict), result
    # Where it leads is the redirect callback's word, which by default stays at home.
    assert (result["ok"], result["url"]) == (True, f"{api.origin}/")
    tab.sees("grace@example.com")
    assert tab.call("update", {"theme": "dark"})["theme"] == "dark"
    assert tab.call("signOut", STAY)["ok"]
    tab.sees("nobody")


# --- the example ----------------------------------------------------------------------------------


def test_the_example_signs_in_and_out(somebody: Person) -> None:
    page = somebody.open("/example").page
    who = page.locator("#who")
    expect(who).to_have_text("Hello stranger")
    page.get_by_label("Name").fill("grace")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("#fault")).to_have_text("That is not right.")
    page.get_by_label("Password").fill("open sesame")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(who).to_have_text("Hello Grace Hopper")
    page.get_by_role("button", name="Sign out").click()
    expect(who).to_have_text("Hello stranger")
    page.get_by_role("button", name="Sign in with IdP").click()
    page.get_by_role("button", name="Alice").click()
    expect(who).to_have_text("Hello Alice Liddell")


def test_the_example_fits_on_a_page() -> None:
    assert len(EXAMPLE.read_text("utf-8").splitlines()) <= 40
