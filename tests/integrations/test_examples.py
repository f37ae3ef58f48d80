"""The examples run, and somebody can sign in to each."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from authwire.testing.client import AuthClient

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FRAMEWORKS = ["asgi", "fastapi", "flask", "starlette", "wsgi"]
LOGIN = {"username": "ada", "password": "lovelace"}


def load(framework: str) -> Any:
    spec = importlib.util.spec_from_file_location(
        f"example_{framework}", EXAMPLES / framework / "app.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.app


@pytest.fixture(params=FRAMEWORKS)
def browser(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AuthClient]:
    monkeypatch.setenv("AUTH_SECRET", "a secret of the tests, long enough not to be warned about")
    app = load(request.param)
    make = AuthClient.wsgi if request.param in ("flask", "wsgi") else AuthClient.asgi
    with make(app) as client:
        yield client


def test_example_lets_ada_in_and_brings_her_back(browser: AuthClient) -> None:
    assert "stranger" in browser.get("/").text
    turned_away = browser.get("/me", follow=True)
    assert turned_away.url.startswith("http://localhost/auth/signin?")
    assert 'name="password"' in turned_away.text
    answer = browser.sign_in_credentials(LOGIN)
    assert answer.location == "http://localhost/me"
    assert "Ada" in browser.follow(answer).text
    assert "Ada" in browser.get("/").text
    browser.sign_out()
    assert "stranger" in browser.get("/").text


def test_example_refuses_a_wrong_password(browser: AuthClient) -> None:
    answer = browser.sign_in_credentials({**LOGIN, "password": "bÿron"})
    assert "error=CredentialsSignin" in (answer.location or "")
    assert browser.session() is None


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_example_fits_on_a_page(framework: str) -> None:
    assert len((EXAMPLES / framework / "app.py").read_text("utf-8").splitlines()) <= 40
