"""Each example as a newcomer meets it: started with the command of its docstring, used with a browser.

``AUTHWIRE_SCREENSHOTS=1`` also takes pictures of two of them into ``build/screenshots``.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tests.integrations.examples import (
    FRAMEWORKS,
    ROOT,
    command_of,
    identity_provider,
    settings_for,
)
from tests.servers import free_port

pytestmark = pytest.mark.needs_chromium

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
HARMLESS = {
    # By the message it begins with: what frameworks warn of when they are imported.
    "pyramid": ("'cgi' is deprecated", "pkg_resources is deprecated", "Deprecated call to"),
    "sanic": ("websockets.legacy is deprecated",),
}
# Django tells the way to each 403.
FORBIDDEN = re.compile(
    r"^Forbidden \(Permission denied\).*?PermissionDenied$", re.DOTALL | re.MULTILINE
)
AUTOFOCUS_CAME_SECOND = (
    "Autofocus processing was blocked because a document already has a focused element."
)


class Site:
    """An example that runs in a process of its own.

    Args:
        framework: which.
        port: where it listens.
        environment: what is added to that of the tests.
    """

    def __init__(self, framework: str, port: int, environment: dict[str, str]) -> None:
        self.framework = framework
        self.port = port
        self.url = f"http://localhost:{port}"
        self.output: list[str] = []
        self._process = subprocess.Popen(
            ["sh", "-c", command_of(framework).replace("8000", str(port))],
            cwd=ROOT,
            env={**environment, "PYTHONWARNINGS": ",".join(self._filters())},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # servers have children, and all of them are stopped
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _filters(self) -> Iterator[str]:
        yield "error"
        yield from (f"ignore:{message}" for message in HARMLESS.get(self.framework, ()))
        if "gunicorn" in command_of(self.framework):
            # WSGI has no end of an app, at which it could close its connections to providers.
            yield "ignore::ResourceWarning"

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            with suppress(httpx2.TransportError):
                if httpx2.get(self.url, trust_env=False).status_code == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(f"{self.framework} does not start:\n{self.said}")

    def stop(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(20)
        self._reader.join(20)

    @property
    def said(self) -> str:
        return "".join(self.output)

    def magic_link(self, address: str) -> str:
        """The newest link for ``address`` in the terminal."""
        found: list[str] = []
        deadline = time.monotonic() + 5
        while not found and time.monotonic() < deadline:
            found = re.findall(rf"Magic link for {re.escape(address)}: (\S+)", self.said)
            time.sleep(0.02)
        assert found, self.said
        return found[-1]

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self.output.append(line)  # at once, for those who read it meanwhile


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    """The provider must know them beforehand."""
    return {framework: free_port() for framework in FRAMEWORKS}


@pytest.fixture(scope="module")
def environment(
    ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """What the examples run in: no settings but those of the docstring and of the provider."""
    back = (f"http://localhost:{port}/auth/callback/keycloak" for port in ports.values())
    with identity_provider(*back) as provider:
        foreign = ("AUTH_", "DJANGO_", "FLASK_", "QUART_", "SANIC_", "GUNICORN_", "UVICORN_")
        yield {
            **{name: value for name, value in os.environ.items() if not name.startswith(foreign)},
            **settings_for(provider),
            "HOME": str(tmp_path_factory.mktemp("home")),  # Gunicorn keeps a socket there
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONUNBUFFERED": "1",
        }


@pytest.fixture(scope="module", params=FRAMEWORKS)
def site(
    request: pytest.FixtureRequest, ports: dict[str, int], environment: dict[str, str]
) -> Iterator[Site]:
    framework = request.param
    site = Site(framework, ports[framework], environment)
    try:
        site.wait_until_up()
        yield site
    finally:
        site.stop()
    said = FORBIDDEN.sub("", site.said)
    assert "Traceback" not in said, said
    assert "Warning" not in said, said


@pytest.fixture
def context(site: Site, browser: Browser) -> Iterator[BrowserContext]:
    """A browser of somebody new. Nothing may be blocked by a policy or fail in a script."""
    complaints: list[str] = []
    context = browser.new_context(base_url=site.url, locale="en")
    context.set_default_timeout(15_000)
    context.on(
        "console",
        # The status of an error page is told there too, and that a key was pressed before autofocus.
        lambda message: (
            None
            if "status of" in message.text or message.text == AUTOFOCUS_CAME_SECOND
            else complaints.append(message.text)
        ),
    )
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    context.close()
    assert complaints == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture(autouse=True)
def _output(site: Site) -> Iterator[None]:
    """What the example said is shown if the test fails."""
    before = len(site.output)
    yield
    print("".join(site.output[before:]))


def give_password(page: Page, password: str = "lovelace") -> None:
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button", name="Sign out").click()
    expect_greeting(page, "stranger")


def expect_greeting(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Hello {name}")


def test_a_deep_link_leads_through_the_sign_in_page_and_back(page: Page, site: Site) -> None:
    page.goto("/me?tab=keys")
    expect(page).to_have_url(re.compile(r"/auth/signin\?"))
    give_password(page, "byron")
    expect(page).to_have_url(re.compile(r"error=CredentialsSignin"))
    expect(page.get_by_role("alert")).to_be_visible()
    give_password(page)
    expect(page).to_have_url(f"{site.url}/me?tab=keys")
    expect(page.locator("body")).to_contain_text("Ada")
    page.goto("/ada")
    expect(page.locator("body")).to_contain_text("Ada")


def test_a_magic_link_signs_in(page: Page, site: Site) -> None:
    page.goto("/")
    page.get_by_role("link", name="My page").click()
    page.get_by_role("textbox", name="Email").first.fill("Bob@example.com")
    page.get_by_role("button", name="Email").click()
    expect(page).to_have_url(re.compile(r"/auth/verify-request"))
    page.goto(site.magic_link("bob@example.com"))
    expect(page).to_have_url(f"{site.url}/me")
    page.goto("/")
    expect_greeting(page, "bob@example.com")
    answer = page.goto("/ada")
    assert answer is not None
    assert answer.status == 403


def test_an_openid_provider_signs_in(page: Page, site: Site) -> None:
    page.goto("/me")
    page.get_by_role("button", name="Keycloak").click()
    page.get_by_role("button", name="Alice Liddell").click()
    expect(page).to_have_url(f"{site.url}/me")
    expect(page.locator("body")).to_contain_text("Alice Liddell")


def test_a_new_name_is_shown_until_sign_out(page: Page) -> None:
    page.goto("/")
    expect_greeting(page, "stranger")
    page.get_by_role("link", name="Sign in").click()
    give_password(page)
    expect_greeting(page, "Ada")
    page.get_by_label("New name").fill("Countess <Ada>")
    page.get_by_role("button", name="Rename").click()
    expect_greeting(page, "Countess <Ada>")
    page.reload()
    expect_greeting(page, "Countess <Ada>")
    sign_out(page)
    page.goto("/me")
    expect(page).to_have_url(re.compile(r"/auth/signin\?"))


def test_a_passkey_is_added_and_signs_in(page: Page, site: Site) -> None:
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
    page.goto("/auth/signin?callbackUrl=/")
    give_password(page)
    expect_greeting(page, "Ada")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator("output")).to_have_text("Added.")
    sign_out(page)
    page.goto("/me")  # the sign-in page offers the passkey, and the device takes the offer
    expect(page).to_have_url(f"{site.url}/me")
    expect(page.locator("body")).to_contain_text("Ada")


def test_the_error_page_leads_back_to_signing_in(page: Page) -> None:
    page.goto("/auth/error?error=Verification")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("link", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/auth/signin"))


@pytest.mark.parametrize("site", ["fastapi", "django"], indirect=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_home_page_fits_a_phone(browser: Browser, site: Site, scheme: str) -> None:
    folder = ROOT / "build" / "screenshots"
    context = browser.new_context(
        base_url=site.url,
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": 390, "height": 844},
    )
    page = context.new_page()

    def look(name: str) -> None:
        if os.environ.get("AUTHWIRE_SCREENSHOTS"):
            page.screenshot(path=folder / f"example-{site.framework}-{name}-{scheme}.png")
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, f"{name} is wider than the screen"

    page.goto("/")
    look("home")
    page.get_by_role("link", name="Sign in").click()
    look("signin")
    give_password(page)
    expect_greeting(page, "Ada")
    look("home-signed-in")
    context.close()
