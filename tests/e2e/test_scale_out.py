"""Two processes over one database are one app."""

from __future__ import annotations

import socket
import sys
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import redis
import uvicorn
from sqlalchemy import create_engine, text
from tests.e2e.child import Child
from tests.servers import Server

from authwire.adapters.sqlalchemy import SQLAlchemyAdapter
from authwire.runtime import drive
from authwire.testing.provider import FakeClient, FakeProvider

APP = Path(__file__).with_name("scale_app.py")
SECRET = "one secret for all processes, 0123456789"
CLIENT_SECRET = "a secret of the client, 0123456789abcdef"
COOKIE = "authjs.session-token"
ORIGIN = "http://127.0.0.1"
CALLBACK = f"{ORIGIN}/auth/callback/idp"
AT_ONCE = 20


class Cluster:
    """The processes, and browsers that may talk to any of them."""

    def __init__(self, ports: list[int], idp: FakeProvider) -> None:
        self.ports = ports
        self.idp = idp

    def url(self, process: int, path: str) -> str:
        return f"http://127.0.0.1:{self.ports[process]}{path}"

    def browser(self) -> httpx2.Client:
        return httpx2.Client(timeout=30)

    def session(self, browser: httpx2.Client, process: int) -> Any:
        answer = browser.get(self.url(process, "/auth/session"))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, browser: httpx2.Client, process: int, path: str, **form: str) -> httpx2.Response:
        token = browser.get(self.url(process, "/auth/csrf")).json()["csrfToken"]
        return browser.post(self.url(process, path), data={"csrfToken": token, **form})

    def sign_in(self, browser: httpx2.Client, process: int, name: str) -> None:
        """By magic link, asked for and opened at the same process."""
        link = self.magic_link(browser, process, f"{name}@example.com")
        browser.get(self.url(process, link))
        assert self.session(browser, process)["user"]["email"] == f"{name}@example.com"

    def magic_link(self, browser: httpx2.Client, process: int, address: str) -> str:
        self.post(browser, process, "/auth/signin/email", email=address)
        parts = urlsplit(browser.get(self.url(process, "/mails")).json()[-1])
        assert parse_qs(parts.query)["email"] == [address]
        return f"{parts.path}?{parts.query}"


@pytest.fixture(scope="module")
def idp() -> Iterator[FakeProvider]:
    """A provider that all processes reach over the network."""
    listening = socket.create_server(("127.0.0.1", 0))
    provider = FakeProvider(
        issuer=f"http://127.0.0.1:{listening.getsockname()[1]}",
        clients=[
            FakeClient(client_id="web", client_secret=CLIENT_SECRET, redirect_uris=(CALLBACK,))
        ],
    )
    config = uvicorn.Config(provider.asgi, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield provider
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module", params=["postgres", "redis"])
def store(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    server: Server
    if request.param == "redis":
        server = request.getfixturevalue("redis_server")
        prefix = f"authwire_test_{uuid.uuid4().hex}:"
        yield {"kind": "redis", "url": server.url("redis"), "prefix": prefix}
        with redis.Redis(host=server.host, port=server.port) as client:
            for key in client.scan_iter(f"*{prefix}*"):
                client.delete(key)
        return
    server = request.getfixturevalue("postgres")
    engine = create_engine(server.url("postgresql+psycopg"))
    adapter = SQLAlchemyAdapter(engine)
    drive(adapter.create_schema())
    yield {"kind": "sqlalchemy", "url": server.url("postgresql+asyncpg")}
    with engine.begin() as connection:
        for table in ("sessions", "accounts", "authenticators", "verification_tokens", "users"):
            connection.execute(text(f"DROP TABLE {table}"))
    engine.dispose()


@pytest.fixture(scope="module")
def cluster(store: dict[str, str], idp: FakeProvider) -> Iterator[Cluster]:
    settings = {
        **store,
        "secret": SECRET,
        "client_secret": CLIENT_SECRET,
        "issuer": idp.issuer,
        "public": ORIGIN,
    }
    root = APP.parents[2]
    command = [sys.executable, "-W", "error", str(APP)]
    with Child("one", command, folder=root) as one, Child("two", command, folder=root) as two:
        yield Cluster([child.ask(settings)["port"] for child in (one, two)], idp)


def test_the_processes_are_two(cluster: Cluster) -> None:
    with cluster.browser() as browser:
        pids = {browser.get(cluster.url(process, "/who")).json()["pid"] for process in (0, 1)}
    assert len(pids) == 2


def test_a_session_of_one_process_is_known_to_the_other(cluster: Cluster) -> None:
    with cluster.browser() as browser:
        cluster.sign_in(browser, 0, "ann")
        assert cluster.session(browser, 1) == cluster.session(browser, 0)
        cluster.post(browser, 1, "/auth/signout")
        assert cluster.session(browser, 0) is None


def test_signing_out_everywhere_on_one_ends_the_sessions_of_the_other(cluster: Cluster) -> None:
    with cluster.browser() as laptop, cluster.browser() as phone, cluster.browser() as other:
        cluster.sign_in(laptop, 0, "ann")
        cluster.sign_in(phone, 1, "ann")
        cluster.sign_in(other, 1, "bob")
        stolen = phone.cookies[COOKIE]
        laptop.post(cluster.url(0, "/everywhere"))
        assert cluster.session(laptop, 0) is None
        assert cluster.session(phone, 1) is None
        assert cluster.session(other, 0)["user"]["email"] == "bob@example.com"
        with httpx2.Client(cookies={COOKIE: stolen}) as thief:
            assert cluster.session(thief, 0) is None


def test_a_sign_in_begun_at_one_process_is_finished_at_the_other(cluster: Cluster) -> None:
    with cluster.browser() as browser:
        begun = cluster.post(browser, 0, "/auth/signin/idp")
        back = urlsplit(cluster.idp.approve(begun.headers["location"]).url)
        done = browser.get(cluster.url(1, f"{back.path}?{back.query}"))
        assert done.headers["location"] == ORIGIN
        for process in (0, 1):
            assert cluster.session(browser, process)["user"]["email"] == "alice@example.com"


def test_of_many_who_open_a_magic_link_at_both_processes_at_once_one_is_let_in(
    cluster: Cluster,
) -> None:
    with cluster.browser() as asking:
        link = cluster.magic_link(asking, 0, "race@example.com")
    start = threading.Barrier(AT_ONCE)

    def open_at(process: int) -> httpx2.Response:
        with cluster.browser() as browser:
            start.wait()
            return browser.get(cluster.url(process, link))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(open_at, [n % 2 for n in range(AT_ONCE)]))
    let_in = [answer for answer in answers if COOKIE in answer.cookies]
    assert len(let_in) == 1
    others = {answer.headers["location"] for answer in answers if answer is not let_in[0]}
    assert others == {f"{ORIGIN}/auth/error?error=Verification"}


def test_of_many_first_sign_ins_with_one_address_at_once_one_makes_the_user(
    cluster: Cluster,
) -> None:
    with cluster.browser() as asking:
        links = [
            (n % 2, cluster.magic_link(asking, n % 2, "new@example.com")) for n in range(AT_ONCE)
        ]
    start = threading.Barrier(AT_ONCE)

    def open_at(where: tuple[int, str]) -> str | None:
        with cluster.browser() as browser:
            start.wait()
            browser.get(cluster.url(*where))
            session = cluster.session(browser, where[0])
            return session and str(session["user"]["email"])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        who = list(pool.map(open_at, links))
    assert set(who) <= {"new@example.com", None}
    assert "new@example.com" in who
    with cluster.browser() as browser:
        cluster.sign_in(browser, 1, "new")
