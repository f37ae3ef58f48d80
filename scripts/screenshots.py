"""Takes a picture of every built-in page and mail: light and dark, phone and desktop.

    python scripts/screenshots.py [directory]

Needs Playwright and a Chromium (``CHROMIUM`` names another one than the system's). Pages are
answered with all their headers, so a rule of the content security policy that blocks something
shows up here: the script then prints what the browser said and fails.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, Route, sync_playwright

from authwire.config import Theme
from authwire.http import Response
from authwire.pages import PageView, Renderer
from authwire.pages.mail import magic_link
from authwire.providers._types import (
    OIDC,
    Credentials,
    Email,
    FormField,
    OAuth2,
    Provider,
    Style,
    WebAuthn,
)
from authwire.texts import Texts

ORIGIN = "https://app.example"
SIZES = {"phone": (390, 844), "desktop": (1280, 800), "narrow": (320, 640)}
SWITCHES = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]

BRANDS = {
    "apple": ("Apple", "#000000"),
    "auth0": ("Auth0", "#eb5424"),
    "discord": ("Discord", "#5865f2"),
    "github": ("GitHub", "#24292f"),
    "gitlab": ("GitLab", "#fc6d26"),
    "google": ("Google", "#1a73e8"),
    "keycloak": ("Keycloak", "#428bca"),
    "microsoft-entra-id": ("Microsoft Entra ID", "#0072c6"),
    "okta": ("Okta", "#000000"),
    "slack": ("Slack", "#611f69"),
}
PASSWORD = Credentials(
    authorize=None,
    fields={
        "username": FormField(label="User name", placeholder="jsmith", required=True),
        "password": FormField(label="Password", type="password", required=True),
        "remember": FormField(label="Keep me signed in", type="checkbox"),
    },
)
LOGO = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 120 32'%3E"
    "%3Crect width='32' height='32' rx='9' fill='%230ca678'/%3E%3Ccircle cx='16' cy='16' r='7' "
    "fill='white'/%3E%3Crect x='42' y='11' width='78' height='10' rx='5' fill='%230ca678'/%3E"
    "%3C/svg%3E"
).replace(" ", "%20")
ARABIC = Texts(
    lang="ar",
    dir="rtl",
    signin_heading="تسجيل الدخول",
    signin_intro="للمتابعة إلى {host}",
    signin_with="تسجيل الدخول عبر {provider}",
    signin_submit="دخول",
    email_submit="المتابعة بالبريد الإلكتروني",
    email_label="البريد الإلكتروني",
    divider="أو",
    error_credentials="البيانات غير صحيحة. تحقق منها وحاول مرة أخرى.",
)


def button(provider_id: str) -> Provider:
    name, brand = BRANDS[provider_id]
    return OIDC(id=provider_id, name=name, style=Style(brand=brand))


def pages() -> dict[str, Response]:
    """Every page by name, in the states worth looking at."""
    few = [button("google"), button("github"), OAuth2(id="acme", name="Acme"), Email(), PASSWORD]
    every = [*(button(provider_id) for provider_id in sorted(BRANDS)), OAuth2(id="x", name="Other")]
    view = PageView(
        texts=Texts(),
        origin=ORIGIN,
        host="app.example",
        base_url=f"{ORIGIN}/auth",
        csrf_token="0" * 64,
    )
    plain = Renderer(theme=Theme(), providers=few)
    branded = Renderer(
        theme=Theme(brand_color="#0ca678", logo=LOGO), providers=[*few[:1], PASSWORD, WebAuthn()]
    )
    buttons = Renderer(theme=Theme(), providers=every)
    alone = Renderer(theme=Theme(), providers=[PASSWORD])
    arabic = replace(view, texts=ARABIC)
    return {
        "signin": plain.signin(view, callback_url=ORIGIN),
        "signin-error": plain.signin(view, callback_url=ORIGIN, error="CredentialsSignin"),
        "signin-password": alone.signin(view, callback_url=ORIGIN),
        "signin-buttons": buttons.signin(view, callback_url=ORIGIN),
        "signin-branded": branded.signin(view, callback_url=ORIGIN),
        "signin-arabic": plain.signin(arabic, callback_url=ORIGIN, error="CredentialsSignin"),
        "signin-empty": Renderer(theme=Theme(), providers=[]).signin(view, callback_url=ORIGIN),
        "signout": plain.signout(view),
        "error": plain.error(view, error=None),
        "error-configuration": plain.error(view, error="Configuration"),
        "error-access-denied": plain.error(view, error="AccessDenied"),
        "error-verification": plain.error(view, error="Verification"),
        "verify-request": plain.verify_request(view),
        "confirm": plain.confirm(view, action=f"{ORIGIN}/x", email="someone@mail.example"),
        "mail": mail(Theme()),
        "mail-branded": mail(Theme(brand_color="#0ca678")),
    }


def mail(theme: Theme) -> Response:
    message = magic_link(
        texts=Texts(),
        theme=theme,
        url=f"{ORIGIN}/auth/callback/email?callbackUrl=http%3A%2F%2Fapp.example&token={'a1' * 32}",
        host="app.example",
        to="someone@mail.example",
        sender="no-reply@app.example",
    )
    return Response(headers=(("content-type", "text/html"),), body=message.html.encode())


def shoot(browser: Browser, responses: dict[str, Response], directory: Path) -> list[str]:
    """Take all pictures; returns what the browser complained about."""
    complaints: list[str] = []

    def answer(route: Route) -> None:
        response = responses.get(route.request.url.removeprefix(f"{ORIGIN}/"))
        if response is None:
            route.fulfill(status=404)
        else:
            route.fulfill(
                status=response.status, headers=dict(response.headers), body=response.body
            )

    for scheme in ("light", "dark"):
        for size, (width, height) in SIZES.items():
            context = browser.new_context(
                color_scheme="dark" if scheme == "dark" else "light",
                viewport={"width": width, "height": height},
            )
            page = context.new_page()
            page.route("**/*", answer)
            page.on("console", lambda message: complaints.append(message.text))
            for name in responses:
                page.goto(f"{ORIGIN}/{name}")
                overflow = page.evaluate("document.documentElement.scrollWidth > innerWidth")
                if overflow:
                    complaints.append(f"{name} is wider than {width}px")
                page.screenshot(path=directory / f"{name}-{scheme}-{size}.png", full_page=True)
            context.close()
    return list(dict.fromkeys(complaints))


def main() -> int:
    directory = Path(sys.argv[1] if len(sys.argv) > 1 else "build/screenshots")
    directory.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        complaints = shoot(browser, pages(), directory)
        browser.close()
    # An error page's own status is reported as a failed load: that is no fault.
    faults = [line for line in complaints if "Failed to load resource" not in line]
    print("\n".join(faults) or f"pictures are in {directory}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
