from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from authwire import Callbacks, RedirectParams

SECRET = "test-secret-0123456789abcdef0123456789abcdef"
OTHER = "other-secret-0123456789abcdef0123456789abcde"


# --- host -------------------------------------------------------------------------------------------


def providers_url(browser: Any, **headers: str) -> str | None:
    response = browser.get("providers", headers=headers)
    if response.status != 200:
        return None
    url: str = json.loads(response.body)["credentials"]["signinUrl"]
    return url.removesuffix("/auth/signin/credentials")


def test_a_loopback_host_is_trusted_by_default(world: Any) -> None:
    browser = world.browser()
    for host in ("localhost:3000", "127.0.0.1:8000", "[::1]:80", "app.localhost"):
        assert providers_url(browser, host=host) is not None, host


def test_any_other_host_is_refused_by_default(world: Any) -> None:
    browser = world.browser()
    for host in ("app.example", "localhost.evil.example", "127.0.0.1.evil.example", "a b", "x@y"):
        response = browser.get("session", headers={"host": host})
        assert response.status == 500, host
        assert "evil" not in response.body.decode()
    assert any("UntrustedHost" in line for line in world.log.lines)


def test_an_allow_list_admits_only_its_hosts(world: Any) -> None:
    browser = world.browser(trust_host=["App.example", "*.preview.example"])
    assert providers_url(browser, host="app.example") == "http://app.example"
    assert providers_url(browser, host="a.b.preview.example:81") == "http://a.b.preview.example:81"
    for host in (
        "preview.example",
        "evil-preview.example",
        "app.example.evil.example",
        "localhost",
    ):
        assert providers_url(browser, host=host) is None, host


def test_forwarded_host_and_proto_count_for_trusted_hosts(world: Any) -> None:
    browser = world.browser(trust_host=["app.example"])
    seen = providers_url(
        browser,
        host="10.0.0.7:8000",
        **{"x-forwarded-host": "app.example, proxy", "x-forwarded-proto": "https,http"},
    )
    assert seen == "https://app.example"


def test_a_forwarded_host_is_ignored_when_the_proxy_sets_none(world: Any) -> None:
    browser = world.browser(trust_host=True, trust_forwarded_host=False)
    seen = providers_url(browser, host="app.example", **{"x-forwarded-host": "evil.example"})
    assert seen == "http://app.example"


def test_the_configured_url_beats_every_header(world: Any) -> None:
    browser = world.browser(url="https://app.example")
    seen = providers_url(browser, host="evil.example", **{"x-forwarded-host": "evil.example"})
    assert seen == "https://app.example"


def test_a_strange_forwarded_proto_changes_nothing(world: Any) -> None:
    browser = world.browser()
    assert providers_url(browser, **{"x-forwarded-proto": "javascript"}) == "http://localhost:3000"


# --- CSRF -------------------------------------------------------------------------------------------


def signed(token: str, secret: str) -> str:
    return f"{token}%7C{hashlib.sha256((token + secret).encode()).hexdigest()}"


def test_a_post_without_a_token_signs_nobody_in(world: Any) -> None:
    browser = world.browser()
    browser.csrf()
    response = browser.send(
        "POST", "/auth/callback/credentials", form={"username": "ada", "password": "open sesame"}
    )
    assert response.location == "http://localhost:3000/auth/signin?error=MissingCSRF"
    assert browser.session() is None


def test_a_forged_cookie_does_not_verify_its_own_token(world: Any) -> None:
    browser = world.browser()
    browser.cookies["authjs.csrf-token"] = signed("a" * 64, "guessed")
    response = browser.send("POST", "/auth/signout", form={"csrfToken": "a" * 64})
    assert response.location == "http://localhost:3000/auth/signin?error=MissingCSRF"


@pytest.mark.parametrize("made_with", [SECRET, OTHER, f"{SECRET},{OTHER}"])
def test_rotating_secrets_voids_no_open_form(world: Any, made_with: str) -> None:
    browser = world.browser(secret=[SECRET, OTHER])
    browser.cookies["authjs.csrf-token"] = signed("b" * 64, made_with)
    assert browser.csrf() == "b" * 64


def test_the_csrf_cookie_is_bound_to_the_host_on_https(world: Any) -> None:
    browser = world.browser()
    browser.get("csrf", headers={"x-forwarded-proto": "https"})
    sent = {cookie.name: cookie.header() for cookie in browser.sent}
    assert "Secure" in sent["__Host-authjs.csrf-token"]
    assert "Domain" not in sent["__Host-authjs.csrf-token"]


def test_no_posted_token_crashes_the_comparison(world: Any) -> None:
    browser = world.browser()
    browser.csrf()
    for token in ("\ud800", 7, None, ["x"], {"a": 1}, "é" * 70):
        response = browser.send("POST", "/auth/signout", body={"csrfToken": token})
        assert "error=MissingCSRF" in (response.location or ""), token


# --- callback URL -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/dash", "http://localhost:3000/dash"),
        ("/dash?a=b#c", "http://localhost:3000/dash?a=b#c"),
        ("http://localhost:3000/x", "http://localhost:3000/x"),
        ("//evil.example", "http://localhost:3000//evil.example"),
        ("/\\evil.example", "http://localhost:3000/\\evil.example"),
        ("https://evil.example", "http://localhost:3000"),
        ("http://localhost:3000@evil.example/", "http://localhost:3000"),
        ("http://localhost:3000.evil.example/", "http://localhost:3000"),
        ("javascript:alert(1)", "http://localhost:3000"),
        ("/caf\u00e9", "http://localhost:3000/caf%C3%A9"),
    ],
)
def test_a_sign_in_never_leads_off_our_origin(world: Any, asked: str, led_to: str) -> None:
    browser = world.browser()
    assert browser.sign_in(callbackUrl=asked).location == led_to


@pytest.mark.parametrize("asked", ["/x\r\nSet-Cookie: a=b", "/x\0", "nonsense", "/\t/evil.example"])
def test_what_is_no_url_fails_and_signs_nobody_in(world: Any, asked: str) -> None:
    browser = world.browser()
    response = browser.sign_in(callbackUrl=asked)
    assert response.location == "http://localhost:3000/auth/error?error=Configuration"
    assert browser.session() is None


def test_the_callback_url_is_remembered_until_the_sign_in_ends(world: Any) -> None:
    browser = world.browser()
    browser.get("signin", "callbackUrl=%2Fdeep")
    assert browser.sign_in().location == "http://localhost:3000/deep"


@pytest.mark.parametrize("planted", ["javascript:alert(1)", "nonsense", "/x\r\ny"])
def test_a_planted_callback_cookie_locks_nobody_out(world: Any, planted: str) -> None:
    browser = world.browser()
    browser.cookies["authjs.callback-url"] = planted.replace("\r\n", "%0D%0A")
    assert browser.get("session").status == 200
    assert browser.cookies["authjs.callback-url"] == "http%3A%2F%2Flocalhost%3A3000"


def test_the_redirect_callback_has_the_last_word(world: Any) -> None:
    def redirect(params: RedirectParams) -> str:
        return "https://docs.example/" if params.url == "/docs" else params.base_url

    browser = world.browser(callbacks=Callbacks(redirect=redirect))
    assert browser.sign_in(callbackUrl="/docs").location == "https://docs.example/"
    assert browser.sign_in(callbackUrl="/x").location == "http://localhost:3000"


def test_a_redirect_callback_cannot_split_the_header(world: Any) -> None:
    browser = world.browser(callbacks=Callbacks(redirect=lambda params: f"/x\r\ny{params.url}"))
    response = browser.sign_in(callbackUrl="/x")
    assert "error=Configuration" in (response.location or "")
