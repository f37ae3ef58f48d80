"""A Next.js app with next-auth and a FastAPI app with Authwire share one session, both ways.

next-auth's own server code runs here, in the few lines of Next.js that it asks for.
"""

# Not `from __future__ import annotations`: FastAPI reads the annotations of functions made here.

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from socket import create_server, socket
from typing import Annotated, Any

import httpx2
import pytest
import uvicorn
from fastapi import Depends, FastAPI
from tests.e2e.child import Child

from authwire import AuthConfig, Session, User
from authwire.config import Callbacks, JWTParams, SessionParams
from authwire.integrations.fastapi import FastAPIAuth
from authwire.models import JSON
from authwire.providers import Credentials

pytestmark = pytest.mark.needs_node

PROGRAM = Path(__file__).resolve().parent.parent / "node" / "nextjs" / "app.mjs"
SECRET = "a-secret-that-both-sides-know-0123456789"
LOGIN = {"username": "zoe", "password": "open sesame"}
NEXT = "/api/auth"


def judge(credentials: Any, _request: Any) -> User | None:
    if credentials.get("password") != "open sesame":
        return None
    name = credentials["username"]
    return User(id=f"python-{name}", name="Pat", email=f"{name}@example.com")


def keep_theme(p: JWTParams[User]) -> JSON:
    if p.user is not None and (p.user.email or "").startswith("large"):
        p.token["padding"] = "x" * 6000
    if p.trigger == "update" and isinstance(p.session, dict):
        p.token["theme"] = str(p.session.get("theme"))
    return p.token


def show_theme(p: SessionParams[User]) -> JSON:
    return {**p.session, "theme": (p.token or {}).get("theme")}


def api(base_path: str, secret: str) -> FastAPI:
    auth = FastAPIAuth(
        AuthConfig(
            secret=secret,
            base_path=base_path,
            providers=[Credentials(authorize=judge)],
            callbacks=Callbacks(jwt=keep_theme, session=show_theme),
        )
    )
    app = FastAPI()
    app.include_router(auth.router)

    @app.get("/py/me")
    async def me(session: Annotated[Session, Depends(auth.required)]) -> dict[str, Any]:
        claims = {key: (session.claims or {}).get(key) for key in ("role", "theme")}
        return {"id": session.user.id, "email": session.user.email, **claims}

    return app


@contextmanager
def serving(app: FastAPI, listening: socket) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://localhost:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@dataclass(frozen=True)
class Servers:
    next: str
    """The origin of the Next.js app, which passes /py/ and /auth/ on."""
    beside: str
    """That of an API on a host of its own, with the base path of Next.js."""
    stranger: str
    """The same with another secret."""


@pytest.fixture(scope="module")
def servers(node_dir: Path) -> Iterator[Servers]:
    with ExitStack() as stack:
        origins = []
        for base, secret in (("/auth", SECRET), (NEXT, SECRET), (NEXT, f"not {SECRET}")):
            listening = stack.enter_context(create_server(("127.0.0.1", 0)))
            origins.append(stack.enter_context(serving(api(base, secret), listening)))
        child = stack.enter_context(Child("next-auth", ["node", str(PROGRAM)], folder=node_dir))
        started = child.ask({"secret": SECRET, "python": origins[0]})
        yield Servers(next=started["origin"], beside=origins[1], stranger=origins[2])


class Visitor:
    """A browser. Cookies know no ports, so ``localhost`` with any port stands for one site."""

    def __init__(self, servers: Servers, python: str, base: str, scheme: str) -> None:
        self.servers = servers
        self.python = python
        """Where the API is."""
        self.base = base
        """The API's base path."""
        # TLS ends in front of both; the jar must think so too.
        policy = DefaultCookiePolicy(secure_protocols=("http", "https"))
        headers = {"accept": "application/json"}
        self.http = httpx2.Client(cookies=CookieJar(policy), headers=headers, trust_env=False)
        self.comes_by(scheme)

    def comes_by(self, scheme: str) -> None:
        self.http.headers["x-forwarded-proto"] = scheme

    def cookies(self) -> set[str]:
        return {cookie.name for cookie in self.http.cookies.jar if "session-token" in cookie.name}

    # --- as next-auth/react or client.js would, at either side ---

    def post(self, auth: str, action: str, **fields: Any) -> httpx2.Response:
        fields["csrfToken"] = self.http.get(f"{auth}/csrf").json()["csrfToken"]
        more: Any = {"json": fields} if action == "session" else {"data": fields}
        return self.http.post(f"{auth}/{action}", **more)

    @property
    def at_next(self) -> str:
        return self.servers.next + NEXT

    @property
    def at_python(self) -> str:
        return self.python + self.base

    def session(self, auth: str) -> Any:
        return self.http.get(f"{auth}/session").json()

    # --- what the servers themselves know ---

    def page(self, path: str) -> Any:
        """Of the Next.js app."""
        return self.http.get(self.servers.next + path).json()

    def act(self, action: str, body: Any = None) -> Any:
        """A server action of the Next.js app."""
        answer = self.http.post(f"{self.servers.next}/actions/{action}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def me(self) -> dict[str, Any] | None:
        """Whom the protected route of the API sees; None if it sends us away."""
        answer = self.http.get(f"{self.python}/py/me")
        assert answer.status_code in (200, 401), answer.text
        return answer.json() if answer.status_code == 200 else None

    def is_nobody_everywhere(self) -> bool:
        at_next = [self.page("/page"), self.page("/route"), self.page("/token")]
        sessions = [self.session(self.at_next), self.session(self.at_python)]
        return [*at_next, *sessions, self.me()] == [None] * 6 and not self.cookies()


@pytest.fixture(params=["http", "https"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["one-host", "two-hosts"])
def visitor(request: pytest.FixtureRequest, servers: Servers, scheme: str) -> Iterator[Visitor]:
    """The API behind a rewrite of Next.js at ``/auth``, or on a host of its own at ``/api/auth``."""
    one = request.param == "one-host"
    python, base = (servers.next, "/auth") if one else (servers.beside, NEXT)
    visitor = Visitor(servers, python, base, scheme)
    yield visitor
    visitor.http.close()


def at_next(visitor: Visitor, **changes: str) -> None:
    answer = visitor.post(visitor.at_next, "callback/credentials", **{**LOGIN, **changes})
    assert "error" not in answer.headers["location"]


def at_python(visitor: Visitor, **changes: str) -> None:
    answer = visitor.post(visitor.at_python, "callback/credentials", **{**LOGIN, **changes})
    assert "error" not in answer.headers["location"]


def test_who_signs_in_at_next_is_known_to_fastapi(visitor: Visitor, scheme: str) -> None:
    assert visitor.is_nobody_everywhere()
    at_next(visitor)
    prefix = "__Secure-" if scheme == "https" else ""
    assert visitor.cookies() == {f"{prefix}authjs.session-token"}
    assert visitor.me() == {
        "id": "next-zoe",
        "email": "zoe@example.com",
        "role": "admin",
        "theme": None,
    }
    user = visitor.session(visitor.at_python)["user"]
    assert user == {"name": "Nora", "email": "zoe@example.com"}


def test_who_signs_in_with_a_server_action_is_known_to_fastapi(visitor: Visitor) -> None:
    visitor.act("sign-in", LOGIN)
    me = visitor.me()
    assert me is not None
    assert (me["id"], me["role"]) == ("next-zoe", "admin")


def test_who_signs_in_at_fastapi_is_known_to_next(visitor: Visitor, scheme: str) -> None:
    at_python(visitor)
    prefix = "__Secure-" if scheme == "https" else ""
    assert visitor.cookies() == {f"{prefix}authjs.session-token"}
    user = {"name": "Pat", "email": "zoe@example.com", "id": "python-zoe"}
    assert visitor.session(visitor.at_next)["user"] == user
    assert visitor.page("/page")["user"] == user
    assert visitor.page("/route")["user"] == user
    token = visitor.page("/token")
    assert (token["sub"], token["name"], token["email"]) == ("python-zoe", "Pat", user["email"])


def test_what_is_updated_at_next_is_seen_by_fastapi(visitor: Visitor) -> None:
    at_python(visitor)
    answer = visitor.post(visitor.at_next, "session", data={"theme": "dark"})
    assert answer.json()["theme"] == "dark"
    assert visitor.session(visitor.at_python)["theme"] == "dark"
    visitor.act("update", {"theme": "light"})
    assert visitor.session(visitor.at_python)["theme"] == "light"
    assert (visitor.me() or {})["theme"] == "light"


def test_what_is_updated_at_fastapi_is_seen_by_next(visitor: Visitor) -> None:
    at_next(visitor)
    answer = visitor.post(visitor.at_python, "session", data={"theme": "dark"})
    assert answer.json()["theme"] == "dark"
    assert visitor.session(visitor.at_next)["theme"] == "dark"
    assert visitor.page("/page")["theme"] == "dark"
    assert visitor.page("/token")["theme"] == "dark"


def test_a_session_that_one_side_prolongs_keeps_what_the_other_put_in(visitor: Visitor) -> None:
    at_next(visitor)
    for _ in range(2):
        assert visitor.session(visitor.at_python) is not None
        assert visitor.session(visitor.at_next) is not None
    token = visitor.page("/token")
    assert (token["role"], token["sub"]) == ("admin", "next-zoe")


@pytest.mark.parametrize("sign_in", [at_next, at_python])
def test_who_signs_out_on_either_side_is_signed_out_on_both(visitor: Visitor, sign_in: Any) -> None:
    for sign_out in (
        lambda: visitor.post(visitor.at_next, "signout"),
        lambda: visitor.act("sign-out"),
        lambda: visitor.post(visitor.at_python, "signout"),
    ):
        sign_in(visitor)
        assert visitor.me() is not None
        assert visitor.page("/page") is not None
        sign_out()
        assert visitor.is_nobody_everywhere()


def test_a_session_that_fills_several_cookies_is_shared_as_well(visitor: Visitor) -> None:
    for sign_in, prefix, sign_out in (
        (at_next, "next", visitor.at_python),
        (at_python, "python", visitor.at_next),
    ):
        sign_in(visitor, username="large")
        assert len(visitor.cookies()) > 1
        assert (visitor.me() or {})["id"] == f"{prefix}-large"
        assert visitor.page("/page")["user"]["id"] == f"{prefix}-large"
        visitor.post(sign_out, "signout")
        assert visitor.is_nobody_everywhere()


def test_a_session_of_one_scheme_is_none_of_the_other(visitor: Visitor, scheme: str) -> None:
    at_next(visitor)
    visitor.comes_by("http" if scheme == "https" else "https")
    assert visitor.me() is None
    assert visitor.page("/page") is None


def test_another_secret_shares_nothing(servers: Servers, scheme: str) -> None:
    visitor = Visitor(servers, servers.stranger, NEXT, scheme)
    at_next(visitor)
    assert visitor.page("/page") is not None
    assert visitor.me() is None
    visitor.http.cookies.clear()
    at_python(visitor)
    assert visitor.me() is not None
    assert visitor.page("/page") is None
    visitor.http.close()
