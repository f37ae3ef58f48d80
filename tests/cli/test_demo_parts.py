"""The demo's own parts, without a browser."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator, Iterator
from io import StringIO
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from authwire.adapters.sqlalchemy import SQLAlchemyAdapter
from authwire.cli.demo.app import create_app
from authwire.cli.demo.command import DemoError, _listen, run
from authwire.cli.demo.idp import LocalProviders
from authwire.cli.demo.outbox import Outbox
from authwire.cli.demo.people import PASSWORD, USERNAME, Passwords
from authwire.cli.demo.store import Store, default_folder
from authwire.http import Request
from authwire.models import User

URL = "http://localhost:8000"
POST = Request(method="POST", path="/")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "data")
    store.open()
    return store


# --- what is kept -------------------------------------------------------------------------------


def test_the_secret_and_the_keys_are_made_once(store: Store) -> None:
    assert store.is_new
    secret, client = store.secret(), store.client_secret("a")
    keys = store.keys(lambda: [{"kty": "oct"}])
    again = Store(store.folder)
    assert not again.is_new
    assert (again.secret(), again.client_secret("a")) == (secret, client)
    assert again.keys(lambda: pytest.fail("made twice")) == keys
    assert again.client_secret("b") != client


def test_reset_deletes_what_the_demo_made_and_nothing_else(store: Store) -> None:
    store.secret()
    store.client_secret("a")
    store.keys(list)
    (store.folder / "mine.txt").write_text("keep")
    store.reset()
    assert {path.name for path in store.folder.iterdir()} == {"mine.txt", "demo-2.sqlite3"}
    assert (store.database.stat().st_size, store.database.stat().st_mode & 0o777) == (0, 0o600)
    assert store.is_new


def test_the_folder_follows_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "authwire-demo"
    monkeypatch.setenv("XDG_STATE_HOME", "relative/paths/do/not/count")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder() == tmp_path / ".local" / "state" / "authwire-demo"


def test_keys_survive_a_restart(store: Store) -> None:
    first = LocalProviders(URL, store).openid().http
    second = LocalProviders(URL, Store(store.folder)).openid().http
    asked = httpx2.Request("GET", f"{URL}/idp/jwks")
    assert first.client().send(asked).json() == second.client().send(asked).json()


# --- the password user --------------------------------------------------------------------------


@pytest.fixture
async def engine(store: Store) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(f"sqlite+aiosqlite:///{store.database}")
    yield engine
    await engine.dispose()


@pytest.fixture
async def passwords(engine: AsyncEngine) -> Passwords:
    adapter = SQLAlchemyAdapter(engine)
    await adapter.create_schema()
    passwords = Passwords(engine, adapter)
    await passwords.create()
    await passwords.create()  # at every start
    return passwords


@pytest.mark.anyio
async def test_the_right_password_gives_the_user(passwords: Passwords) -> None:
    user = await passwords.authorize(
        {"username": f" {USERNAME.upper()} ", "password": PASSWORD}, POST
    )
    assert isinstance(user, User)
    assert user.name == "Alice"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"username": USERNAME},
        {"username": USERNAME, "password": ""},
        {"username": USERNAME, "password": PASSWORD.upper()},
        {"username": USERNAME, "password": f"{PASSWORD} "},
        {"username": USERNAME, "password": [PASSWORD]},
        {"username": "bob", "password": PASSWORD},
        {"username": "' OR 1=1 --", "password": PASSWORD},
        {"username": USERNAME, "password": "x" * 100_000},
        {"username": USERNAME, "password": "\ud800"},
        {"username": "\ud800", "password": "x"},
    ],
)
async def test_anything_else_gives_nobody(passwords: Passwords, given: dict[str, object]) -> None:
    assert await passwords.authorize(given, POST) is None


@pytest.mark.anyio
async def test_passwords_are_not_in_the_database(passwords: Passwords, store: Store) -> None:
    assert PASSWORD.encode() not in store.database.read_bytes()


# --- the app ------------------------------------------------------------------------------------


@pytest.fixture
def outbox() -> Outbox:
    return Outbox(StringIO())


@pytest.fixture
def app(store: Store, outbox: Outbox) -> FastAPI:
    return create_app(url=URL, store=store, outbox=outbox)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url=URL, follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/outbox", "/nothing", "/static/demo.css"])
def test_each_page_has_a_strict_policy(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"accept": "text/html"})
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script" not in answer.text
    assert "style=" not in answer.text


def test_a_mail_is_kept_shown_and_printed(client: TestClient, outbox: Outbox) -> None:
    token = client.get("/auth/csrf").json()["csrfToken"]
    asked = client.post(
        "/auth/signin/email", data={"csrfToken": token, "email": "o'brien&co@example.com"}
    )
    onward = client.get(asked.headers["location"])
    assert onward.headers["location"].startswith(("/outbox", f"{URL}/outbox"))
    (letter,) = outbox.letters()
    page = client.get("/outbox").text
    assert "o&#39;brien&amp;co@example.com" in page
    mail = client.get(f"/outbox/{letter.number}")
    assert mail.text == letter.message.html
    assert "sandbox" in mail.headers["content-security-policy"]
    assert outbox._terminal is not None
    assert letter.link in str(getattr(outbox._terminal, "getvalue")())  # noqa: B009 - StringIO's own
    assert client.get("/outbox/99", headers={"accept": "text/html"}).status_code == 404


def test_a_stranger_gets_401_as_json_and_no_cookie(client: TestClient) -> None:
    answer = client.get("/api/me")
    assert answer.status_code == 401
    assert json.loads(answer.text) == {"detail": "Not authenticated"}
    assert "set-cookie" not in answer.headers


def test_only_the_providers_that_can_be_linked_are_linked(client: TestClient) -> None:
    headers = {"origin": URL, "accept": "text/html"}
    assert client.post("/link/demo-idp", headers=headers).status_code == 401


# --- the command --------------------------------------------------------------------------------


def test_a_free_port_is_the_same_for_all_addresses() -> None:
    sockets = _listen("localhost", 0)
    assert len({each.getsockname()[1] for each in sockets}) == 1
    for each in sockets:
        each.close()


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DemoError, match=f"port {port} is taken"):
            run(host="127.0.0.1", port=port, data=tmp_path, reset=False)


def test_an_address_that_is_not_ours_is_told(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="no address"):
        run(host="no.such.host.invalid", port=0, data=tmp_path, reset=False)
    with pytest.raises(DemoError, match="no address of this computer"):
        run(host="192.0.2.1", port=0, data=tmp_path, reset=False)


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DemoError, match="cannot be used"):
        run(host="127.0.0.1", port=0, data=tmp_path / "file", reset=False)
