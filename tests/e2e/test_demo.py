"""The demo in a real browser, started as a newcomer starts it.

``AUTHWIRE_SCREENSHOTS=1`` also takes a picture of each page into ``build/screenshots``.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

pytestmark = pytest.mark.needs_chromium

ROOT = Path(__file__).resolve().parents[2]
SWITCHES = [
    "--headless",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
START_SECONDS = 60


class Demo:
    """``authwire demo`` in a process of its own."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.url = ""
        self.output: list[str] = []
        self._port = 0

    def start(self) -> None:
        ready = threading.Event()
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            # Of another app, and of a company's network: no business of the demo's.
            "AUTH_TRUST_HOST": "false",
            "AUTH_URL": "https://other.example/api/auth",
            "AUTH_REDIRECT_PROXY_URL": "https://other.example/api/auth",
            "HTTP_PROXY": "http://127.0.0.1:9",
        }
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-W", "error", "-m", "authwire.cli", "demo"),
                *("--port", str(self._port), "--data", str(self.data)),
            ],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, args=(ready,))
        self._reader.start()
        if not ready.wait(START_SECONDS):
            self._process.kill()
            raise AssertionError(f"the demo did not start:\n{''.join(self.output)}")
        assert self.url, "".join(self.output)
        self._port = int(self.url.rpartition(":")[2])

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        assert self._process.wait(START_SECONDS) == 0, "".join(self.output)
        self._reader.join()

    def _read(self, ready: threading.Event) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.output.append(line)
            if found := re.search(r"running: +(\S+)", line):
                self.url = found[1]
            if "Ctrl+C" in line:
                ready.set()
        self._process.stdout.close()
        ready.set()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = Demo(tmp_path_factory.mktemp("demo"))
    demo.start()
    yield demo
    demo.stop()
    assert not [line for line in demo.output if "Traceback" in line or "Warning" in line]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def context(demo: Demo, browser: Browser) -> Iterator[BrowserContext]:
    """A browser of somebody new. Nothing may be asked of the network or be blocked by a policy."""
    complaints: list[str] = []
    context = browser.new_context(base_url=demo.url)
    context.set_default_timeout(15_000)
    context.on(
        "console",
        # The status of an error page is told there too.
        lambda message: None if "status of" in message.text else complaints.append(message.text),
    )
    context.on(
        "request",
        lambda request: (
            None if request.url.startswith((demo.url, "data:")) else complaints.append(request.url)
        ),
    )
    yield context
    context.close()
    assert complaints == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def sign_in(page: Page, provider: str, person: str) -> None:
    """From the sign-in page on, through a provider."""
    page.get_by_role("button", name=provider).click()
    expect(page.get_by_role("heading", name="Choose an account")).to_be_visible()
    page.get_by_role("button", name=person).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def expect_me(page: Page, name: str) -> None:
    expect(page).to_have_url(re.compile(r"/me$"))
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def test_a_deep_link_leads_through_openid_connect_and_back(page: Page, demo: Demo) -> None:
    page.goto("/protected?from=a+deep+link")
    expect(page).to_have_url(re.compile(r"/auth/signin\?"))
    sign_in(page, "Demo ID", "Grace Hopper")
    expect(page).to_have_url(f"{demo.url}/protected?from=a+deep+link")
    expect(page.get_by_text("And you are, Grace Hopper")).to_be_visible()


def test_plain_oauth_signs_in(page: Page) -> None:
    page.goto("/me")
    sign_in(page, "Demo OAuth", "Margaret Hamilton")
    expect_me(page, "Margaret Hamilton")
    expect(page.get_by_text("margaret@example.com").first).to_be_visible()
    expect(page.locator(".accounts")).to_contain_text("Demo OAuth")
    assert page.locator(".profile img").evaluate("image => image.naturalWidth") > 0


def test_a_magic_link_signs_in_once(page: Page, demo: Demo) -> None:
    page.goto("/me")
    page.get_by_role("textbox", name="Email").fill("Someone@Example.com")
    page.get_by_role("button", name="Email").click()
    expect(page).to_have_url(re.compile(r"/outbox"))
    letter = page.get_by_role("article").first
    expect(letter).to_contain_text("to someone@example.com")
    link = letter.get_by_role("link", name="Open the link")
    url = link.get_attribute("href")
    assert url is not None
    assert any(url in line for line in demo.output), "the link is not in the terminal"
    link.click()
    expect_me(page, "someone@example.com")
    expect(page.get_by_text("verified", exact=True)).to_be_visible()
    sign_out(page)
    page.goto(url)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert "/auth/error?error=Verification" in page.url


def test_the_mail_itself_is_shown_and_its_button_works(page: Page) -> None:
    page.goto("/me")
    page.get_by_role("textbox", name="Email").fill("reader@example.com")
    page.get_by_role("button", name="Email").click()
    mail = page.frame_locator("article >> nth=0 >> iframe")
    with page.context.expect_page() as opened:
        mail.get_by_role("link").first.click()
    expect_me(opened.value, "reader@example.com")


def test_the_password_user_signs_in_and_a_wrong_password_does_not(page: Page) -> None:
    page.goto("/me")
    page.get_by_role("textbox", name="User name").fill("alice")
    page.locator("input[name=password]").fill("looking-glass")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile(r"error=CredentialsSignin"))
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("textbox", name="User name").fill("alice")
    page.locator("input[name=password]").fill("wonderland")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect_me(page, "Alice")
    expect(page.get_by_text("None yet")).to_be_visible()


def test_a_linked_account_gets_the_same_person_in(page: Page) -> None:
    page.goto("/me")
    sign_in(page, "Demo ID", "Alan Turing")
    expect_me(page, "Alan Turing")
    sign_in(page, "Link Demo OAuth", "Katherine Johnson")
    expect_me(page, "Alan Turing")
    expect(page.locator(".accounts li")).to_have_count(2)
    sign_out(page)
    page.goto("/me")
    sign_in(page, "Demo OAuth", "Katherine Johnson")
    expect_me(page, "Alan Turing")


def test_the_same_address_at_another_provider_is_not_the_same_person(page: Page) -> None:
    page.goto("/me")
    sign_in(page, "Demo ID", "Ada Lovelace")
    expect_me(page, "Ada Lovelace")
    sign_out(page)
    page.goto("/me")
    sign_in(page, "Demo OAuth", "Ada Lovelace")
    expect(page).to_have_url(re.compile(r"/auth/signin\?.*error=OAuthAccountNotLinked"))
    expect(page.get_by_role("alert")).to_be_visible()


def plug_in(page: Page) -> None:
    """Give the device an authenticator that says yes to everything."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_new_address_signs_up_with_a_passkey_and_in_again(page: Page) -> None:
    plug_in(page)
    page.goto("/me")
    page.get_by_role("textbox", name="if you are new").fill("pat@example.com")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect_me(page, "pat@example.com")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("alert")).to_contain_text("only way in")
    expect(page.locator(".passkeys li")).to_have_count(1)
    sign_out(page)
    page.goto("/me")  # the sign-in page offers the passkey, and the authenticator takes the offer
    expect_me(page, "pat@example.com")


def test_a_passkey_is_added_named_and_removed(page: Page) -> None:
    page.goto("/me")
    sign_in(page, "Demo ID", "Grace Hopper")
    expect_me(page, "Grace Hopper")
    plug_in(page)
    page.get_by_role("button", name="Add a passkey").click()
    name = page.get_by_label("Name of passkey 1")
    name.fill("Work laptop")
    page.get_by_role("button", name="Rename").click()
    expect(name).to_have_value("Work laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("already")
    sign_out(page)
    page.goto("/me")
    expect_me(page, "Grace Hopper")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No passkey yet")).to_be_visible()


def test_cancel_leads_back_to_the_sign_in_page(page: Page) -> None:
    page.goto("/me")
    page.get_by_role("button", name="Demo ID").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page).to_have_url(re.compile(r"/auth/signin\?.*error=OAuthCallbackError"))
    expect(page.get_by_role("alert")).to_be_visible()


def test_sign_out_ends_the_session(page: Page, demo: Demo) -> None:
    page.goto("/me")
    sign_in(page, "Demo ID", "Grace Hopper")
    expect_me(page, "Grace Hopper")
    before = page.context.cookies()
    sign_out(page)
    expect(page).to_have_url(f"{demo.url}/")
    page.goto("/me")
    expect(page).to_have_url(re.compile(r"/auth/signin\?"))
    kept = {str(cookie["name"]): str(cookie["value"]) for cookie in before}
    answer = httpx2.get(f"{demo.url}/api/me", cookies=kept, trust_env=False)
    assert answer.status_code == 401, "the session outlived its sign-out"


def test_two_tabs_sign_in_at_the_same_time(context: BrowserContext, demo: Demo) -> None:
    tabs = {name: context.new_page() for name in ("first", "second")}
    for name, tab in tabs.items():
        tab.goto(f"/protected?tab={name}")
        tab.get_by_role("button", name="Demo ID").click()
    for tab in tabs.values():
        tab.get_by_role("button", name="Grace Hopper").click()
        expect(tab).to_have_url(re.compile(r"/protected\?tab="))
        expect(tab.get_by_text("And you are, Grace Hopper")).to_be_visible()


def test_a_restart_keeps_the_session(page: Page, demo: Demo) -> None:
    page.goto("/me")
    sign_in(page, "Demo ID", "Grace Hopper")
    expect_me(page, "Grace Hopper")
    page.goto("about:blank")  # a page may still be loading its pictures
    url = demo.url
    demo.stop()
    demo.start()
    assert demo.url == url
    page.goto("/me")
    expect_me(page, "Grace Hopper")
    sign_out(page)
    page.goto("/me")
    sign_in(page, "Demo ID", "Grace Hopper")
    expect_me(page, "Grace Hopper")


def test_a_program_gets_401_and_json(demo: Demo) -> None:
    answer = httpx2.get(f"{demo.url}/api/me", trust_env=False)
    assert answer.status_code == 401
    assert answer.json() == {"detail": "Not authenticated"}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
def test_a_form_of_another_site_is_refused(demo: Demo, origin: str | None) -> None:
    headers = {} if origin is None else {"origin": origin}
    answer = httpx2.post(f"{demo.url}/sign-out", headers=headers, trust_env=False)
    assert answer.status_code == 403


def test_another_name_of_this_computer_leads_to_the_one_that_counts(demo: Demo) -> None:
    headers = {"host": "rebound.example"}
    answer = httpx2.get(f"{demo.url}/me?a=1", headers=headers, trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (307, f"{demo.url}/me?a=1")
    answer = httpx2.post(f"{demo.url}/sign-out", headers=headers, trust_env=False)
    assert answer.status_code == 421


def test_a_second_demo_says_that_the_port_is_taken(demo: Demo, tmp_path: Path) -> None:
    port = demo.url.rpartition(":")[2]
    second = subprocess.run(
        [
            *(sys.executable, "-m", "authwire.cli", "demo"),
            *("--port", port, "--data", str(tmp_path)),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    assert second.returncode == 1
    assert f"port {port} is taken" in second.stderr
    assert "Traceback" not in second.stderr


def test_what_the_demo_keeps_is_for_its_owner_only(demo: Demo) -> None:
    modes = {path.name: path.stat().st_mode & 0o077 for path in demo.data.iterdir()}
    assert set(modes) >= {"secret", "keys.json", "clients.json", "demo-2.sqlite3"}
    assert set(modes.values()) == {0}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_every_page_fits_the_screen(browser: Browser, demo: Demo, scheme: str, size: str) -> None:
    width, height = (390, 844) if size == "phone" else (1280, 800)
    folder = ROOT / "build" / "screenshots"
    context = browser.new_context(
        base_url=demo.url,
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": height},
        device_scale_factor=2 if size == "phone" else 1,
    )
    page = context.new_page()

    def look(name: str) -> None:
        if os.environ.get("AUTHWIRE_SCREENSHOTS"):
            page.screenshot(path=folder / f"demo-{name}-{size}-{scheme}.png", full_page=True)
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, f"{name} is wider than the screen"

    page.goto("/")
    look("home")
    page.goto("/protected?from=a+deep+link")
    look("signin")
    page.get_by_role("button", name="Demo ID").click()
    expect(page.get_by_role("heading", name="Choose an account")).to_be_visible()
    look("idp")
    page.get_by_role("button", name="Grace Hopper").click()
    expect(page.get_by_text("And you are, Grace Hopper")).to_be_visible()
    look("protected")
    page.goto("/me")
    look("me")
    page.goto("/")
    look("home-signed-in")
    page.goto("/auth/signout")
    look("signout")
    page.goto("/auth/error?error=Verification")
    look("error")
    page.goto("/nothing")
    look("not-found")
    page.goto("/idp/authorize")
    look("idp-error")
    context.clear_cookies()
    page.goto("/me")
    page.get_by_role("textbox", name="Email").fill(f"{scheme}.{size}@example.com")
    page.get_by_role("button", name="Email").click()
    page.frame_locator("article >> nth=0 >> iframe").get_by_role("link").first.wait_for()
    look("outbox")
    page.goto("/auth/signin?error=OAuthAccountNotLinked")
    look("signin-refused")
    page.goto("/auth/verify-request")
    look("verify-request")
    context.close()
