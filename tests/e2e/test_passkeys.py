"""Passkeys in Chromium, with a virtual authenticator: the built-in page, and an app's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect, sync_playwright
from tests.e2e.passkey_app import PasskeyApp, serving

from authwire.providers import Passkey, RelyingParty
from authwire.texts import Texts

pytestmark = pytest.mark.needs_chromium

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
TEXTS = Texts()
BUTTON = "Sign in with Passkey"
# A browser that knows passkeys but not their JSON (Safari before 2025).
WITHOUT_JSON = """
  delete PublicKeyCredential.parseCreationOptionsFromJSON;
  delete PublicKeyCredential.parseRequestOptionsFromJSON;
  delete PublicKeyCredential.prototype.toJSON;
"""


@pytest.fixture(scope="module")
def running() -> Iterator[PasskeyApp]:
    with serving() as app:
        yield app


@pytest.fixture
def app(running: PasskeyApp) -> PasskeyApp:
    running.reset()
    return running


@pytest.fixture(scope="module")
def chrome(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        yield browser
        browser.close()


@dataclass
class Person:
    """A browser profile with an authenticator."""

    app: PasskeyApp
    context: BrowserContext
    page: Page
    cdp: CDPSession
    authenticator: str = ""

    def plug_in(self, **options: Any) -> str:
        """Another authenticator; the last one is used."""
        settings: dict[str, Any] = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        answer = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": settings | options})
        self.authenticator = answer["authenticatorId"]
        return self.authenticator

    def unplug(self) -> None:
        self.cdp.send(
            "WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.authenticator}
        )

    def credentials(self) -> list[dict[str, Any]]:
        asked = {"authenticatorId": self.authenticator}
        found: list[dict[str, Any]] = self.cdp.send("WebAuthn.getCredentials", asked)["credentials"]
        return found

    def set_authenticator(self, command: str, **options: Any) -> None:
        self.cdp.send(f"WebAuthn.{command}", {"authenticatorId": self.authenticator, **options})

    # --- in the page ---

    def open(self, path: str = "/auth/signin?callbackUrl=/account") -> None:
        self.page.goto(self.app.origin + path)

    def submit(self, email: str = "") -> None:
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_role("button", name=BUTTON).click()

    def is_in(self, email: str) -> None:
        """Wait until the account page greets them."""
        self.page.wait_for_url(f"{self.app.origin}/account")
        expect(self.page.locator("#who")).to_have_text(email)

    def is_told(self, text: str) -> None:
        expect(self.page.get_by_role("alert")).to_have_text(text)

    def leave(self) -> None:
        self.context.clear_cookies()

    def register(self, email: str = "ada@example.com") -> None:
        self.open()
        self.submit(email)
        self.is_in(email)

    def call(self, **options: Any) -> Any:
        """`signIn` of the module, from the app's own page."""
        return self.page.evaluate("options => window.passkeys.signIn(options)", options)

    def ask(self, method: str, body: Mapping[str, Any] | None = None) -> tuple[int, Any]:
        return tuple(
            self.page.evaluate(
                """async ([method, body]) => {
                    const json = body ? JSON.stringify(body) : undefined;
                    const answer = await fetch("/passkeys", { method, body: json });
                    return [answer.status, await answer.json()];
                }""",
                [method, body],
            )
        )


@pytest.fixture
def people(app: PasskeyApp, chrome: Browser) -> Iterator[Callable[[], Person]]:
    faults: list[str] = []
    with ExitStack() as profiles:

        def make(*, script: str = "") -> Person:
            context = profiles.enter_context(chrome.new_context())
            context.set_default_timeout(PATIENCE)
            if script:
                context.add_init_script(script)
            page = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on(
                "console",
                lambda message: (
                    faults.append(message.text)
                    if "Content Security Policy" in message.text
                    else None
                ),
            )
            cdp = context.new_cdp_session(page)
            cdp.send("WebAuthn.enable")
            person = Person(app, context, page, cdp)
            person.plug_in()
            return person

        yield make
    assert not faults


@pytest.fixture
def ada(people: Callable[[], Person]) -> Person:
    return people()


# --- the built-in page ----------------------------------------------------------------------------


def test_a_new_address_gets_a_passkey_and_is_signed_in(ada: Person) -> None:
    ada.register()

    (credential,) = ada.credentials()
    assert credential["rpId"] == "localhost"
    assert credential["isResidentCredential"]
    (row,) = ada.app.adapter.authenticators
    assert row.user_id == ada.app.adapter.users[0].id
    assert (row.counter, row.transports) == (1, "internal")


def test_one_press_signs_in_without_typing(ada: Person) -> None:
    ada.app.provider = Passkey(enable_conditional_ui=False)
    ada.register()
    ada.leave()

    ada.open()
    ada.submit()

    ada.is_in("ada@example.com")


def test_an_address_signs_in_with_its_passkey(ada: Person) -> None:
    ada.app.provider = Passkey(enable_conditional_ui=False)
    ada.register()
    ada.leave()

    ada.open()
    ada.submit(" ADA@example.com ")

    ada.is_in("ada@example.com")
    assert len(ada.credentials()) == 1


def test_a_passkey_is_offered_while_the_field_is_filled_in(ada: Person) -> None:
    ada.register()
    ada.leave()

    ada.open()  # the virtual authenticator chooses for the user

    ada.is_in("ada@example.com")
    assert ada.app.adapter.authenticators[0].counter == 2


def test_without_a_passkey_the_page_waits_and_the_form_still_works(ada: Person) -> None:
    ada.open()
    expect(ada.page.get_by_role("alert")).to_have_count(0)

    ada.submit("new@example.com")

    ada.is_in("new@example.com")


def test_an_address_that_is_none_is_told(ada: Person) -> None:
    ada.open()

    ada.submit("no address")

    ada.is_told(TEXTS.passkey_invalid)
    assert ada.credentials() == []


def test_who_calls_it_off_is_told_so_and_may_try_again(ada: Person) -> None:
    ada.open()
    ada.set_authenticator("setUserVerified", isUserVerified=False)

    ada.submit("ada@example.com")
    ada.is_told(TEXTS.passkey_cancelled)

    assert ada.app.adapter.users == []
    ada.set_authenticator("setUserVerified", isUserVerified=True)
    ada.submit("ada@example.com")
    ada.is_in("ada@example.com")


def test_a_device_that_has_a_passkey_already_says_so(ada: Person) -> None:
    ada.register()
    ada.open("/account")

    assert ada.call(action="register")["code"] == "registered"


def test_a_browser_without_passkeys_says_so_and_does_not_try(
    people: Callable[..., Person],
) -> None:
    person = people(script="delete globalThis.PublicKeyCredential;")
    person.open()

    person.is_told(TEXTS.passkey_unsupported)
    expect(person.page.get_by_role("button", name=BUTTON)).to_be_disabled()


def test_a_device_without_an_authenticator_of_its_own_says_so(ada: Person) -> None:
    ada.unplug()
    ada.plug_in(transport="usb", protocol="u2f", hasResidentKey=False, hasUserVerification=False)
    ada.open()

    ada.submit("ada@example.com")

    ada.is_told(TEXTS.passkey_missing)


def test_older_browsers_convert_by_hand(people: Callable[..., Person]) -> None:
    person = people(script=WITHOUT_JSON)
    person.app.provider = Passkey(enable_conditional_ui=False)
    person.register()
    person.leave()

    person.open()
    person.submit("ada@example.com")

    person.is_in("ada@example.com")
    (row,) = person.app.adapter.authenticators
    assert row.transports == "internal"


def test_who_may_not_in_is_led_to_the_page_that_says_so(ada: Person) -> None:
    ada.app.sign_in = lambda _: False
    ada.open()

    ada.submit("ada@example.com")

    ada.page.wait_for_url(f"{ada.app.origin}/auth/error?error=AccessDenied")
    assert ada.app.adapter.users == []


def test_a_redirect_of_the_sign_in_callback_is_followed(ada: Person) -> None:
    ada.app.sign_in = lambda _: "/waiting-list"
    ada.open()

    ada.submit("ada@example.com")

    ada.page.wait_for_url(f"{ada.app.origin}/waiting-list")
    expect(ada.page.locator("#who")).to_have_text("nobody")


# --- refusals -------------------------------------------------------------------------------------


def test_a_page_on_another_origin_is_refused(ada: Person) -> None:
    party = RelyingParty(origins=["https://app.example"])
    ada.app.provider = Passkey(relying_party=party, enable_conditional_ui=False)
    ada.open()

    ada.submit("ada@example.com")

    ada.is_told(TEXTS.error_webauthn)
    assert ada.app.adapter.users == []
    assert any("another origin than https://app.example" in line for line in ada.app.log.lines)


def test_a_page_of_another_domain_gets_nothing_from_the_browser(ada: Person) -> None:
    ada.app.provider = Passkey(
        relying_party=RelyingParty(id="app.example"), enable_conditional_ui=False
    )
    ada.open()

    ada.submit("ada@example.com")

    ada.is_told(TEXTS.error_webauthn)
    assert ada.credentials() == []


def test_an_answer_that_was_listened_to_is_worth_nothing(ada: Person) -> None:
    ada.app.provider = Passkey(enable_conditional_ui=False)
    ada.register()
    ada.leave()
    ada.open()
    with ada.page.expect_request("**/callback/passkey") as caught:
        ada.submit()
    heard = caught.value
    ada.is_in("ada@example.com")

    cookies = heard.all_headers()["cookie"]
    assert "authjs.challenge=" in cookies
    ada.leave()
    answer = ada.context.request.post(
        heard.url,
        headers={"cookie": cookies, "x-auth-return-redirect": "1", "origin": ada.app.origin}
        | {"content-type": "application/x-www-form-urlencoded"},
        data=heard.post_data or "",
    )

    assert answer.json()["url"] == f"{ada.app.origin}/auth/error?error=Configuration"
    assert "authjs.session-token" not in str(answer.headers)
    assert any("InvalidCheck" in line for line in ada.app.log.lines)


def test_a_copied_passkey_is_found_out(people: Callable[[], Person]) -> None:
    ada, thief = people(), people()
    ada.app.provider = Passkey(enable_conditional_ui=False)
    ada.register()
    (stolen,) = ada.credentials()
    for _ in range(2):
        ada.leave()
        ada.open()
        ada.submit()
        ada.is_in("ada@example.com")

    thief.set_authenticator("addCredential", credential=stolen)
    thief.open()
    thief.submit()

    thief.is_told(TEXTS.error_webauthn)
    assert any("it may be cloned" in line for line in ada.app.log.lines)
    assert "authjs.session-token" not in {cookie["name"] for cookie in thief.context.cookies()}


# --- an app's own page ----------------------------------------------------------------------------


def test_a_signed_in_user_adds_a_second_passkey_names_it_and_removes_the_first(
    people: Callable[[], Person],
) -> None:
    ada = people()
    ada.register()
    (first,) = ada.app.adapter.authenticators
    assert ada.ask("POST", {"id": first.credential_id})[0] == 409
    ada.unplug()
    ada.plug_in()

    assert ada.call(action="register") == {"action": "register", "url": ada.page.url}

    _, rows = ada.ask("GET")
    assert [row["name"] for row in rows] == [None, None]
    second = rows[1]["id"]
    assert ada.ask("POST", {"id": second, "name": "Key ring"})[0] == 200
    assert ada.ask("POST", {"id": first.credential_id})[0] == 200
    assert ada.ask("GET") == (200, [{"id": second, "name": "Key ring"}])
    ada.leave()
    ada.open("/account")
    assert ada.call()["action"] == "authenticate"
    ada.open("/account")
    expect(ada.page.locator("#who")).to_have_text("ada@example.com")


def test_a_passkey_that_was_removed_here_does_not_sign_in(ada: Person) -> None:
    ada.app.provider = Passkey(enable_conditional_ui=False)
    ada.register()
    ada.app.adapter.clear()
    ada.leave()
    ada.open()

    ada.submit()

    ada.is_told(TEXTS.error_webauthn)


def test_somebody_elses_passkey_cannot_be_touched(people: Callable[[], Person]) -> None:
    ada, eve = people(), people()
    ada.register()
    eve.register("eve@example.com")
    mine = next(
        row for row in ada.app.adapter.authenticators if row.user_id == ada.app.adapter.users[0].id
    )

    assert eve.ask("POST", {"id": mine.credential_id})[0] == 404
    assert eve.ask("POST", {"id": mine.credential_id, "name": "Mine"})[0] == 404

    assert mine in ada.app.adapter.authenticators


def test_the_module_tells_an_app_why_it_failed(ada: Person) -> None:
    ada.open("/account")

    assert ada.call(action="bogus")["code"] == "invalid"
    ada.app.sign_in = lambda _: False
    answer = ada.call(fields={"email": "ada@example.com"})
    assert answer == {"code": "refused", "error": "AccessDenied"}
