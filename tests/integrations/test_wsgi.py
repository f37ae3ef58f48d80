from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from tests.integrations.scenarios import SESSION, sign_in
from tests.integrations.world import World

from authwire import AuthConfig, Request, Response, SyncAuth, User
from authwire.integrations.wsgi import AuthMiddleware, SyncVisit, session
from authwire.runtime.wsgi import Environ, StartResponse, start
from authwire.testing.client import AuthClient


def hello(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    current = environ["authwire"].session()
    name = current.user.name if current else "stranger"
    return start(start_response, Response(body=str(name).encode()))


def test_script_name_is_part_of_the_public_path() -> None:
    world = World(base_path="/app/auth")
    app = AuthMiddleware(hello, SyncAuth(world.config()), protect=["/private/*"])
    browser = AuthClient.wsgi(app, script_name="/app", base_path="/app/auth", now=world.now)
    refused = browser.get("/app/private/x")
    assert refused.location == (
        "http://localhost/app/auth/signin?callbackUrl=http%3A%2F%2Flocalhost%2Fapp%2Fprivate%2Fx"
    )
    sign_in(browser)
    assert browser.get("/app/private/x").text == "Ada"


@pytest.mark.parametrize("path", ["/admin", "//admin", "/ADMIN/x", "/%61dmin", "/x/../admin"])
def test_disguised_path_is_stopped(path: str) -> None:
    app = AuthMiddleware(hello, SyncAuth(World().config()), protect=["/admin/*"])
    assert AuthClient.wsgi(app).request("GET", f"http://localhost{path}").status == 302


def test_session_is_typed_and_needs_the_middleware() -> None:
    auth = SyncAuth(World().config())
    visit = SyncVisit(auth, a_request())
    assert session({"authwire": visit}, auth) is None
    with pytest.raises(LookupError, match="AuthMiddleware"):
        session({}, auth)
    with pytest.raises(LookupError, match="AuthMiddleware"):
        session({"authwire": visit}, SyncAuth(World().config()))


def a_request() -> Any:  # reads as one word with the class

    return Request(method="GET", path="/", host="localhost")


def test_answer_begun_again_after_an_error_keeps_its_exc_info() -> None:
    world = World()

    def failing(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        environ["authwire"].session()
        try:
            int("no number")
        except ValueError:
            start_response("500 Oops", [("Content-Type", "text/plain")], sys.exc_info())
        return [b""]

    seen: list[Any] = []

    def begin(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        seen.append((status, exc_info[0]))

    app = AuthMiddleware(failing, SyncAuth(world.config()))
    environ: Environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
    }
    app(environ, begin)
    assert seen == [("500 Oops", ValueError)]


def test_rolled_cookie_goes_out_with_the_app_s_answer() -> None:
    world = World()
    browser = AuthClient.wsgi(AuthMiddleware(hello, SyncAuth(world.config())), now=world.now)
    sign_in(browser)
    world.pass_time(timedelta(days=2))
    answer = browser.get("/")
    assert [c.partition("=")[0] for c in answer.set_cookies] == [SESSION]
    assert answer.headers.get("vary") == "Cookie"


def test_broken_config_of_one_request_is_answered_as_such() -> None:
    world = World()

    def choose(_: object) -> AuthConfig[User]:
        return world.config(secret=None)

    def plain(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return start(start_response, Response())

    browser = AuthClient.wsgi(AuthMiddleware(plain, SyncAuth(choose, environ={})))
    assert browser.get("/auth/session").status == 500
    assert browser.get("/").status == 200
