"""What the built-in pages take from the query, and what they don't."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import unquote, urlencode

import pytest
from tests.core.harness import idp_for, oidc

from authwire.config import Callbacks, RedirectParams

ORIGIN = "http://localhost:3000"


def hidden(page: bytes, name: str) -> set[str]:
    found = re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)">', page.decode())
    return set(found)


def oidc_browser(world: Any, **changes: Any) -> Any:
    return world.browser(providers=[oidc(idp_for(world))], **changes)


def test_the_sign_in_form_posts_the_path_that_was_asked_for(world: Any) -> None:
    page = oidc_browser(world).get("signin", urlencode({"callbackUrl": "/dash?a=1"}))
    assert hidden(page.body, "callbackUrl") == {"/dash?a=1"}


@pytest.mark.parametrize(
    "asked",
    ["https://evil.example/x", "//evil.example", "/\\evil.example", "http:evil.example"],
)
def test_posting_the_sign_in_form_never_leads_to_another_site(world: Any, asked: str) -> None:
    browser = oidc_browser(world)
    page = browser.get("signin", urlencode({"callbackUrl": asked}))
    (posted,) = hidden(page.body, "callbackUrl")
    browser.post("signin/idp", callbackUrl=html.unescape(posted))
    led_to = unquote(browser.cookies["authjs.callback-url"])
    assert led_to == ORIGIN or led_to.startswith(f"{ORIGIN}/")


def test_the_redirect_callback_sees_what_was_asked_for(world: Any) -> None:
    seen: list[str] = []

    def redirect(params: RedirectParams) -> str:
        seen.append(params.url)
        return f"{params.base_url}/always"

    browser = oidc_browser(world, callbacks=Callbacks(redirect=redirect))
    page = browser.get("signin", urlencode({"callbackUrl": "/dash"}))
    assert hidden(page.body, "callbackUrl") == {"/dash"}
    assert seen == ["/dash"]


@pytest.mark.parametrize("name", ["csrfToken", "providers", "theme"])
def test_the_query_cannot_put_values_into_the_sign_in_page(world: Any, name: str) -> None:
    browser = oidc_browser(world)
    token = browser.csrf()
    page = browser.get("signin", urlencode({name: "from-the-query"}))
    assert page.status == 200
    assert hidden(page.body, "csrfToken") == {token}
    assert b"from-the-query" not in page.body


def test_the_sign_out_form_keeps_where_to_go_afterwards(world: Any) -> None:
    browser = world.browser()
    page = browser.get("signout", urlencode({"callbackUrl": "/bye"}))
    assert f'action="{ORIGIN}/auth/signout?callbackUrl=%2Fbye"' in page.body.decode()
    answer = browser.post("signout", urlencode({"callbackUrl": "/bye"}))
    assert answer.location == f"{ORIGIN}/bye"


def test_passkey_options_are_refused_for_other_providers(world: Any) -> None:
    browser = oidc_browser(world)
    assert (
        browser.get("webauthn-options/idp").location == f"{ORIGIN}/auth/error?error=Configuration"
    )
