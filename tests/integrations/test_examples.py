"""The examples do what they show, all of them the same, each in a process with nothing left of others."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pkgutil import iter_modules
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from tests.integrations.apps import aiohttp as aiohttp_apps
from tests.integrations.apps import sanic as sanic_apps
from tests.integrations.examples import (
    FRAMEWORKS,
    ROOT,
    command_of,
    identity_provider,
    load,
    settings_for,
    source_of,
)

import authwire.integrations
from authwire import Auth, SyncAuth
from authwire.testing.client import Answer, AuthClient
from authwire.testing.provider import FakeProvider

ORIGIN = "http://localhost"
SESSION = "authjs.session-token"
LOGIN = {"username": "ada", "password": "lovelace"}
JSON = {"accept": "application/json"}
SYNC = {"bottle", "falcon_wsgi", "flask", "pyramid", "wsgi"}
Opened = tuple[AuthClient, Callable[[], object]]


@dataclass(frozen=True)
class Example:
    browser: AuthClient
    shared: Any
    idp: FakeProvider

    def sign_in(self) -> None:
        answer = self.browser.sign_in_credentials(LOGIN, callback_url="/")
        assert answer.location == f"{ORIGIN}/"


# --- a browser for each kind of app ---------------------------------------------------------------


def over_aiohttp(module: Any) -> Opened:
    address, close = aiohttp_apps.start(module.init([]))
    return AuthClient.server(address, base_url=ORIGIN), close


def over_sanic(module: Any) -> Opened:
    module.app.config.update({"MOTD": False, "TOUCHUP": False})  # as in the other tests
    address, close = sanic_apps.serve(module.app)
    return AuthClient.server(address, base_url=ORIGIN), close


def over_django(module: Any) -> Opened:
    # A process has one Django, which other tests may have set up already.
    project = {name: value for name, value in vars(module).items() if name.isupper()}
    override = override_settings(**project)
    override.enable()

    def close() -> None:
        module.auth.auth.close()
        override.disable()

    return AuthClient.wsgi(WSGIHandler()), close


def over_blacksheep(module: Any) -> Opened:
    asyncio.run(module.app.start())
    return over_asgi(module)


def over_asgi(module: Any) -> Opened:
    browser = AuthClient.asgi(module.app)

    def close() -> None:
        browser._run(inner(module.auth).aclose())  # a server would tell the app that it stops
        browser.close()

    return browser, close


def over_wsgi(module: Any) -> Opened:
    return AuthClient.wsgi(module.app), lambda: inner(module.auth).close()


def inner(auth: Any) -> Any:
    """The `Auth` or `SyncAuth` in an integration."""
    return auth if isinstance(auth, Auth | SyncAuth) else auth.auth


OWN_WAY = {
    "aiohttp": over_aiohttp,
    "blacksheep": over_blacksheep,
    "django": over_django,
    "sanic": over_sanic,
}


@pytest.fixture(scope="module")
def idp() -> Iterator[FakeProvider]:
    with identity_provider(f"{ORIGIN}/auth/callback/keycloak") as provider:
        yield provider


@pytest.fixture(params=FRAMEWORKS)
def example(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, idp: FakeProvider
) -> Iterator[Example]:
    framework = request.param
    monkeypatch.setenv("AUTH_SECRET", "a secret of the tests, long enough not to be warned about")
    for name, value in settings_for(idp).items():
        monkeypatch.setenv(name, value)
    module, shared = load(framework)
    browser, close = OWN_WAY.get(framework, over_wsgi if framework in SYNC else over_asgi)(module)
    yield Example(browser, shared, idp)
    close()


def query(answer: Answer) -> dict[str, list[str]]:
    return parse_qs(urlsplit(answer.location or "").query)


# --- what can be done in each -----------------------------------------------------------------------


def test_a_stranger_is_greeted_and_led_to_the_sign_in_page(example: Example) -> None:
    home = example.browser.get("/")
    assert home.headers.get("content-type", "").startswith("text/html")
    assert "Hello stranger" in home.text
    assert 'href="/auth/signin"' in home.text
    assert "/rename" not in home.text
    page = example.browser.get("/auth/signin")
    for name in ("Credentials", "Email", "Passkey", "Keycloak"):
        assert name in page.text


def test_a_password_signs_in(example: Example) -> None:
    example.sign_in()
    assert "Hello Ada" in example.browser.get("/").text
    assert "Ada" in example.browser.get("/me").text


def test_a_wrong_password_is_told_and_signs_nobody_in(example: Example) -> None:
    answer = example.browser.sign_in_credentials({**LOGIN, "password": "bÿron"})
    assert query(answer)["error"] == ["CredentialsSignin"]
    assert 'role="alert"' in example.browser.follow(answer).text
    assert example.browser.session() is None


def test_a_deep_link_leads_through_the_sign_in_page_and_back(example: Example) -> None:
    turned_away = example.browser.get("/me?tab=keys&x=%C3%A4", follow=True)
    assert turned_away.status == 200
    assert urlsplit(turned_away.url).path == "/auth/signin"
    answer = example.browser.sign_in_credentials(LOGIN)
    assert answer.location == f"{ORIGIN}/me?tab=keys&x=%C3%A4"
    assert "Ada" in example.browser.follow(answer).text


def test_a_program_without_a_session_gets_401(example: Example) -> None:
    assert example.browser.get("/ada", headers=JSON).status == 401
    assert example.browser.post("/rename", form={"name": "x"}, headers=JSON).status == 401


def test_a_magic_link_signs_in_once(example: Example, capsys: pytest.CaptureFixture[str]) -> None:
    example.browser.sign_in_email("Bob@example.com", callback_url="/me")
    (mail,) = example.shared.outbox
    assert f"Magic link for bob@example.com: {mail.url}\n" in capsys.readouterr().out
    opened = example.browser.open_magic_link(mail.url)
    assert opened.location == f"{ORIGIN}/me"
    assert example.browser.follow(opened).status == 200
    assert "Hello bob@example.com" in example.browser.get("/").text
    again = example.browser.another_browser().open_magic_link(mail.url)
    assert query(again)["error"] == ["Verification"]


def test_an_openid_provider_signs_in(example: Example) -> None:
    answer = example.browser.sign_in_oauth("keycloak", example.idp, callback_url="/me")
    assert answer.location == f"{ORIGIN}/me"
    assert "Alice Liddell" in example.browser.follow(answer).text
    assert [row.provider for row in example.shared.adapter.accounts] == ["keycloak"]


def test_one_page_is_for_ada_only(example: Example) -> None:
    assert urlsplit(example.browser.get("/ada", follow=True).url).path == "/auth/signin"
    example.sign_in()
    answer = example.browser.get("/ada")
    assert answer.status == 200
    assert "Ada" in answer.text
    other = example.browser.another_browser()
    other.sign_in_oauth("keycloak", example.idp)
    assert other.get("/ada").status == 403
    assert other.get("/me").status == 200


def test_the_server_updates_the_session(example: Example) -> None:
    example.sign_in()
    answer = example.browser.post("/rename", form={"name": "Ada & Cø"})
    assert answer.status in (302, 303)
    assert answer.location == f"{ORIGIN}/"
    assert "Hello Ada &amp; Cø" in example.browser.follow(answer).text
    example.browser.post("/rename", form={"name": "x" * 81})
    session = example.browser.session()
    assert session is not None
    assert session["user"]["name"] == "Ada & Cø"


def test_the_client_updates_the_name_and_nothing_else(example: Example) -> None:
    example.sign_in()
    updated = example.browser.update({"name": "Countess", "email": "eve@example.com"})
    assert updated is not None
    assert (updated["user"]["name"], updated["user"]["email"]) == ("Countess", "ada@example.com")
    example.browser.update({"name": {"not": "a name"}})
    assert "Hello Countess" in example.browser.get("/").text


def test_sign_out_ends_the_session(example: Example) -> None:
    example.sign_in()
    assert example.browser.get("/auth/signout").status == 200
    assert example.browser.sign_out(callback_url="/").location == f"{ORIGIN}/"
    assert SESSION not in example.browser.cookies
    assert "Hello stranger" in example.browser.get("/").text
    assert urlsplit(example.browser.get("/me", follow=True).url).path == "/auth/signin"


def test_the_error_page_explains(example: Example) -> None:
    page = example.browser.get("/auth/error?error=AccessDenied")
    assert page.status == 403
    assert "<h1" in page.text
    assert example.browser.get("/nothing").status == 404


# --- all of them ------------------------------------------------------------------------------------


def test_every_framework_has_an_example() -> None:
    modules = iter_modules(authwire.integrations.__path__)
    frameworks = {module.name for module in modules if not module.name.startswith("_")}
    assert len(frameworks) >= 14
    assert frameworks | {"falcon_wsgi"} == set(FRAMEWORKS)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_an_example_fits_on_a_page(framework: str) -> None:
    source = source_of(framework)
    assert len(source.splitlines()) <= 40
    assert max(map(len, source.splitlines())) <= 110


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_an_example_says_how_to_run_it(framework: str) -> None:
    command = command_of(framework)
    assert command.startswith("AUTH_SECRET=$(authwire secret) ")
    assert f"examples.{framework}.app" in command
    assert command.count("8000") == 1
    assert "http://localhost:8000" in source_of(framework)


@pytest.mark.parametrize("page", ["examples/README.md", "docs/integrations.md"])
def test_every_example_is_in_the_tables(page: str) -> None:
    path = ROOT / page
    text = path.read_text("utf-8")
    links = {path.parent / link for link in re.findall(r"\]\(([^)#\s]+)", text) if ":" not in link}
    assert {link.resolve() for link in links if link.name == "app.py"} == {
        ROOT / "examples" / framework / "app.py" for framework in FRAMEWORKS
    }
    assert not [str(link) for link in links if not link.exists()]


def test_without_a_provider_in_the_environment_none_is_offered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AUTH_SECRET", "a secret of the tests, long enough not to be warned about")
    for name in ("ISSUER", "ID", "SECRET"):
        monkeypatch.delenv(f"AUTH_KEYCLOAK_{name}", raising=False)
    module, _ = load("flask")
    offered = AuthClient.wsgi(module.app).get("/auth/providers").json()
    assert list(offered) == ["credentials", "email", "passkey"]
