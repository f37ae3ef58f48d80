from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from authwire.config import Theme
from authwire.http import Response
from authwire.pages import PageView, Renderer
from authwire.providers._types import OIDC, Credentials, FormField, OAuth2, Style
from authwire.texts import Texts

Read = Callable[[Any], Any]

RENDERER = Renderer(
    theme=Theme(brand_color="#0ca678", logo="https://img.example/logo.png"),
    providers=[
        OIDC(id="google", name="Google", style=Style(brand="#1a73e8")),
        OAuth2(id="own", name="Own", style=Style(logo="https://cdn.example/own.svg")),
        Credentials(authorize=None, fields={"password": FormField(type="password")}),
    ],
)
LINK = "https://app.example/auth/callback/email?callbackUrl=%2F&token=7&email=jo%40mail.example"
PAGES: dict[str, Callable[[PageView], Response]] = {
    "signin": lambda view: RENDERER.signin(view, callback_url="/", error="CredentialsSignin"),
    "signout": RENDERER.signout,
    "error": lambda view: RENDERER.error(view, error=None),
    "error-configuration": lambda view: RENDERER.error(view, error="Configuration"),
    "error-denied": lambda view: RENDERER.error(view, error="AccessDenied"),
    "error-verification": lambda view: RENDERER.error(view, error="Verification"),
    "verify-request": RENDERER.verify_request,
    "confirm": lambda view: RENDERER.confirm(view, action=LINK, email="jo@mail.example"),
    "confirm-anonymous": lambda view: RENDERER.confirm(view, action=LINK, email=None),
}
every_page = pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)


def policy(response: Response) -> dict[str, list[str]]:
    header = dict(response.headers)["content-security-policy"]
    directives = (directive.split() for directive in header.split(";"))
    return {name: values for name, *values in directives}


# --- every page ---------------------------------------------------------------------------------


@every_page
def test_a_page_has_landmarks_one_heading_and_a_language(
    read: Read, view: PageView, page: Callable[[PageView], Response]
) -> None:
    html = read(page(view))
    assert html.one("html").attributes == {"lang": "en", "dir": "ltr"}
    assert html.one("main").one("h1").text
    assert html.one("title").text
    assert html.one("meta", charset="utf-8")
    assert "width=device-width" in html.one("meta", name="viewport").attributes["content"]
    assert "maximum-scale" not in str(html.one("meta", name="viewport").attributes)
    for image in html.all("img"):
        assert "alt" in image.attributes
    for link in html.all("a"):
        assert link.text.strip()


@every_page
def test_a_page_runs_nothing_and_loads_nothing_of_others(
    read: Read, view: PageView, page: Callable[[PageView], Response]
) -> None:
    response = page(view)
    html = read(response)
    assert not html.all("script")
    assert not html.all("link")
    for node in html.all():
        assert "style" not in node.attributes
        assert not [name for name in node.attributes if name.startswith("on")]
    assert policy(response)["default-src"] == ["'none'"]
    assert "script-src" not in policy(response)


@every_page
def test_the_policy_allows_exactly_the_style_that_is_sent(
    read: Read, view: PageView, page: Callable[[PageView], Response]
) -> None:
    response = page(view)
    css = read(response).one("style").text
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert policy(response) == {
        "default-src": ["'none'"],
        "style-src": [f"'sha256-{digest}'"],
        "img-src": ["'self'", "data:", "https://img.example", "https://cdn.example"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }


@every_page
def test_a_page_is_not_stored_framed_sniffed_or_told_to_others(
    view: PageView, page: Callable[[PageView], Response]
) -> None:
    headers = dict(page(view).headers)
    headers.pop("content-security-policy")
    assert headers == {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "private, no-store",
        "cross-origin-opener-policy": "same-origin",
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
    }


@every_page
def test_a_page_shows_the_logo_with_the_name_of_the_site(
    read: Read, view: PageView, page: Callable[[PageView], Response]
) -> None:
    logo = read(page(view)).one("img", class_="logo")
    assert logo.attributes["src"] == "https://img.example/logo.png"
    assert logo.attributes["alt"] == "app.example"


@every_page
def test_a_hostile_host_stays_text(
    read: Read, view: PageView, page: Callable[[PageView], Response]
) -> None:
    host = '"><script>alert(1)</script>'
    html = read(
        page(replace(view, host=host, origin=f"https://{host}", base_url=f"https://{host}"))
    )
    assert not html.all("script")


def test_a_logo_that_is_no_image_is_left_out(read: Read, view: PageView) -> None:
    renderer = Renderer(theme=Theme(logo="javascript:alert(1)"), providers=[])
    response = renderer.verify_request(view)
    assert not read(response).all("img")
    assert policy(response)["img-src"] == ["'self'", "data:"]


@pytest.mark.parametrize(
    ("scheme", "content"), [("auto", "light dark"), ("light", "light"), ("dark", "dark")]
)
def test_the_browser_is_told_the_colour_scheme(
    read: Read, view: PageView, scheme: Any, content: str
) -> None:
    page = Renderer(theme=Theme(color_scheme=scheme), providers=[]).signout(view)
    assert read(page).one("meta", name="color-scheme").attributes["content"] == content


def test_a_view_does_not_show_its_csrf_token(view: PageView) -> None:
    assert str(view.csrf_token) not in repr(view)


# --- sign-out -----------------------------------------------------------------------------------


def test_sign_out_asks_with_a_form(read: Read, view: PageView) -> None:
    response = RENDERER.signout(view)
    page = read(response)
    assert response.status == 200
    assert page.one("title").text == "Sign Out"
    form = page.one("form", method="post", action="https://app.example/auth/signout")
    assert form.one("input").attributes == {
        "type": "hidden",
        "name": "csrfToken",
        "value": view.csrf_token,
    }
    assert page.one("a").attributes["href"] == "https://app.example"


def test_sign_out_posts_back_the_query_of_its_page(read: Read, view: PageView) -> None:
    query = 'callbackUrl=%2Fbye&x="><b>'
    form = read(RENDERER.signout(view, query_string=query)).one("form")
    assert form.attributes["action"] == f"https://app.example/auth/signout?{query}"


# --- errors -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "status", "heading"),
    [
        ("Configuration", 500, Texts().configuration_heading),
        ("AccessDenied", 403, Texts().access_denied_heading),
        ("Verification", 403, Texts().verification_heading),
        ("OAuthCallbackError", 200, Texts().error_heading),
        ("default", 200, Texts().error_heading),
        ("toString", 200, Texts().error_heading),
        ("accessdenied", 200, Texts().error_heading),
        ("<b>", 200, Texts().error_heading),
        ("", 200, Texts().error_heading),
        (None, 200, Texts().error_heading),
    ],
)
def test_an_error_has_its_status_and_words(
    read: Read, view: PageView, error: str | None, status: int, heading: str
) -> None:
    response = RENDERER.error(view, error=error)
    page = read(response)
    assert response.status == status
    assert page.one("title").text == "Error"
    assert page.one("h1").text == heading
    assert not page.all("form")


def test_an_error_offers_to_start_again(read: Read, view: PageView) -> None:
    links = read(RENDERER.error(view, error="AccessDenied")).all("a")
    assert [link.attributes["href"] for link in links] == [
        "https://app.example/auth/signin",
        "https://app.example",
    ]


def test_an_error_without_a_host_leads_to_signing_in_alone(read: Read, view: PageView) -> None:
    unknown = replace(view, origin="", host="", base_url="/auth", csrf_token=None)
    page = read(RENDERER.error(unknown, error="Configuration"))
    assert [link.attributes["href"] for link in page.all("a")] == ["/auth/signin"]


# --- magic links --------------------------------------------------------------------------------


def test_after_asking_for_a_link_the_page_says_where_to_look(read: Read, view: PageView) -> None:
    response = RENDERER.verify_request(view)
    page = read(response)
    assert response.status == 200
    assert page.one("title").text == "Verify Request"
    assert not page.all("form")
    assert page.one("a").attributes["href"] == "https://app.example"


def test_confirming_posts_to_the_link_itself(read: Read, view: PageView) -> None:
    page = read(RENDERER.confirm(view, action=LINK, email="jo@mail.example"))
    form = page.one("form", method="post", action=LINK)
    assert form.one("button", type="submit").text == "Sign in"
    assert "jo@mail.example" in page.one("header").text


def test_confirming_without_an_address_names_the_site_alone(read: Read, view: PageView) -> None:
    page = read(RENDERER.confirm(view, action=LINK, email=None))
    assert page.one("header").one("p").text == "Sign in to app.example?"


def test_a_hostile_address_stays_text_when_confirming(read: Read, view: PageView) -> None:
    hostile = '"<script>alert(1)</script>"@x.example'
    page = read(RENDERER.confirm(view, action=f'{LINK}"><b>', email=hostile))
    assert not page.all("script")
    assert hostile in page.one("header").text
    assert page.one("form").attributes["action"] == f'{LINK}"><b>'
