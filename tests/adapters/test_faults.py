"""Databases that die, hang, are not there or have no connection left: an error, never "signed out"."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import psycopg
import pymysql
import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from tests import servers
from tests.integrations.world import ADA, PASSWORD, World
from tests.servers import MortalPostgres, Server

from authwire import Auth, Session, SyncAuth, User
from authwire.adapters.sqlalchemy import SQLAlchemyAdapter, default_models
from authwire.errors import AdapterError
from authwire.http import Headers, Request
from authwire.testing import AuthClient
from authwire.testing.client import Answer

COOKIE = "authjs.session-token"
LOGIN = {"email": ADA, "password": PASSWORD}
SOON = 15.0
"""Seconds within which an answer must come."""


@dataclass
class App:
    """An app over a database, and a browser that visits it."""

    browser: AuthClient
    engine: Engine | AsyncEngine
    world: World
    auth: Auth[User] | SyncAuth[User]

    def asked(self) -> Answer:
        return self.browser.get("/auth/session", headers={"accept": "application/json"})

    def session(self) -> Session[User] | None:
        """Who is signed in, as the app's own code asks."""
        request = Request(
            method="GET",
            path="/",
            scheme="http",
            host="localhost",
            query_string="",
            headers=Headers([("cookie", f"{COOKIE}={self.browser.cookies[COOKIE]}")]),
            body=b"",
            client="127.0.0.1",
        )
        if isinstance(self.auth, SyncAuth):
            return self.auth.session(request)
        assert self.browser._loop is not None
        return self.browser._loop.run(self.auth.session(request))

    def signed_in(self) -> bool:
        answer = self.asked()
        assert answer.status == 200
        return answer.json() is not None


@dataclass(frozen=True)
class Stack:
    """An engine and the app around it."""

    scheme: str
    is_async: bool = True
    in_threads: bool = False
    """A sync engine in an async app."""

    @contextmanager
    def app(self, server: Server, **options: Any) -> Iterator[App]:
        url = server.url(self.scheme)
        engine = (
            create_async_engine(url, **options) if self.is_async else create_engine(url, **options)
        )
        world = World(strategy="database")
        config = world.config(adapter=SQLAlchemyAdapter(engine))
        auth: Any = Auth(config) if self.is_async or self.in_threads else SyncAuth(config)
        with AuthClient.handler(auth.handle) as browser:
            yield App(browser, engine, world, auth)
            if isinstance(engine, AsyncEngine):
                assert browser._loop is not None
                browser._loop.run(engine.dispose())
            else:
                engine.dispose()


STACKS = {
    "asyncpg": Stack("postgresql+asyncpg"),
    "psycopg": Stack("postgresql+psycopg"),
    "psycopg, sync": Stack("postgresql+psycopg", is_async=False),
    "psycopg in threads": Stack("postgresql+psycopg", is_async=False, in_threads=True),
}
every_stack = pytest.mark.parametrize("stack", STACKS.values(), ids=STACKS)


def is_failure(answer: Answer) -> bool:
    """Whether the answer says that the server failed, and nothing of who is signed in."""
    told = answer.json()
    return answer.status == 500 and list(told) == ["message"] and not answer.set_cookies


def make_tables(server: Server, scheme: str = "postgresql+psycopg") -> None:
    engine = create_engine(server.url(scheme))
    default_models().user.metadata.create_all(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def mortal() -> Iterator[MortalPostgres]:
    with servers.mortal_postgres() as postgres:
        make_tables(postgres.server)
        yield postgres


@pytest.fixture
def postgres_with_tables(postgres: Server) -> Iterator[Server]:
    make_tables(postgres)
    yield postgres
    engine = create_engine(postgres.url("postgresql+psycopg"))
    default_models().user.metadata.drop_all(engine)
    engine.dispose()


# --- a server that dies ---------------------------------------------------------------------------


@every_stack
def test_a_server_that_dies_signs_nobody_out_and_is_found_again(
    mortal: MortalPostgres, stack: Stack
) -> None:
    with stack.app(mortal.server, pool_pre_ping=True) as app:
        app.browser.sign_in_credentials(LOGIN)
        assert app.signed_in()
        token = app.browser.cookies[COOKIE]
        mortal.kill()
        try:
            for _ in range(2):
                assert is_failure(app.asked())
                assert app.browser.cookies[COOKIE] == token
        finally:
            mortal.start()
        assert app.signed_in()
        assert app.browser.cookies[COOKIE] == token
        assert not any(token in line for line in app.world.logged)


@every_stack
def test_without_a_ping_one_answer_fails_after_a_restart(
    mortal: MortalPostgres, stack: Stack
) -> None:
    with stack.app(mortal.server) as app:
        app.browser.sign_in_credentials(LOGIN)
        assert app.signed_in()
        mortal.kill()
        mortal.start()
        assert is_failure(app.asked())
        assert app.signed_in()


@every_stack
def test_a_server_that_dies_in_the_middle_of_a_query_is_an_error(
    mortal: MortalPostgres, stack: Stack
) -> None:
    url = mortal.server.url("postgresql")
    with stack.app(mortal.server, pool_pre_ping=True) as app, ThreadPoolExecutor(1) as pool:
        app.browser.sign_in_credentials(LOGIN)
        token = app.browser.cookies[COOKIE]
        blocker = psycopg.connect(url)
        blocker.execute("LOCK TABLE sessions")  # the app's query now waits
        answer = pool.submit(app.asked)
        wait_for_a_waiting_query(url)
        mortal.kill()
        try:
            assert is_failure(answer.result(SOON))
            assert app.browser.cookies[COOKIE] == token
        finally:
            blocker.close()
            mortal.start()
        assert app.signed_in()


def wait_for_a_waiting_query(url: str) -> None:
    deadline = time.monotonic() + SOON
    with psycopg.connect(url, autocommit=True) as connection:
        while True:
            query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            row = connection.execute(query).fetchone()
            if row is not None and row[0]:
                return
            assert time.monotonic() < deadline, "the app asks nothing"
            time.sleep(0.01)


@every_stack
def test_a_row_half_written_when_the_server_dies_is_not_there_afterwards(
    mortal: MortalPostgres, stack: Stack
) -> None:
    url = mortal.server.url("postgresql")
    with stack.app(mortal.server, pool_pre_ping=True) as app, ThreadPoolExecutor(1) as pool:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DELETE FROM users")
        blocker = psycopg.connect(url)
        blocker.execute("LOCK TABLE accounts")  # the user is stored, the account has to wait
        begun = app.browser.begin_oauth("fake")
        answer = pool.submit(app.browser.finish_oauth, begun, app.world.idp)
        wait_for_a_waiting_query(url)
        mortal.kill()
        try:
            assert "error=Configuration" in str(answer.result(SOON).location)
            assert COOKIE not in app.browser.cookies
        finally:
            blocker.close()
            mortal.start()
        with psycopg.connect(url, autocommit=True) as connection:
            assert connection.execute("SELECT count(*) FROM accounts").fetchone() == (0,)
            assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (0,)


# --- a server that hangs --------------------------------------------------------------------------


def test_a_server_that_hangs_is_an_error_in_bounded_time(mortal: MortalPostgres) -> None:
    limits = {"timeout": 1, "command_timeout": 1}
    with STACKS["asyncpg"].app(mortal.server, pool_pre_ping=True, connect_args=limits) as app:
        app.browser.sign_in_credentials(LOGIN)
        assert app.signed_in()
        token = app.browser.cookies[COOKIE]
        mortal.freeze()
        try:
            for _ in range(2):  # over a connection of the pool, and over a new one
                start = time.monotonic()
                assert is_failure(app.asked())
                assert time.monotonic() - start < SOON
        finally:
            mortal.thaw()
        assert app.signed_in()
        assert app.browser.cookies[COOKIE] == token


@pytest.mark.parametrize("name", [name for name in STACKS if name != "asyncpg"])
def test_a_query_that_the_server_ends_is_an_error_in_bounded_time(
    postgres_with_tables: Server, name: str
) -> None:
    """psycopg waits as long as it takes, so the server is told to give up."""
    limits = {"connect_timeout": 1, "options": "-c statement_timeout=500"}
    with STACKS[name].app(postgres_with_tables, connect_args=limits) as app:
        app.browser.sign_in_credentials(LOGIN)
        with psycopg.connect(postgres_with_tables.url("postgresql")) as blocker:
            blocker.execute("LOCK TABLE sessions")
            start = time.monotonic()
            assert is_failure(app.asked())
            assert time.monotonic() - start < SOON
        assert app.signed_in()


@pytest.fixture(scope="module")
def private_mariadb() -> Iterator[Server]:
    try:
        with servers.private_mariadb() as server:
            with pymysql.connect(port=server.port, user=server.user) as connection:
                connection.cursor().execute("CREATE DATABASE app")
            yield replace(server, database="app")
    except servers.Unavailable as exc:
        pytest.skip(str(exc))


@pytest.mark.parametrize(
    "stack",
    [Stack("mysql+asyncmy"), Stack("mysql+pymysql", is_async=False)],
    ids=["asyncmy", "pymysql"],
)
def test_a_mariadb_server_that_hangs_is_an_error_in_bounded_time(
    private_mariadb: Server, stack: Stack
) -> None:
    make_tables(private_mariadb, "mysql+pymysql")
    process = private_mariadb.process
    assert process is not None
    limits = {"connect_timeout": 1, "read_timeout": 1}
    with stack.app(private_mariadb, pool_pre_ping=True, connect_args=limits) as app:
        app.browser.sign_in_credentials(LOGIN)
        assert app.signed_in()
        token = app.browser.cookies[COOKIE]
        process.send_signal(signal.SIGSTOP)
        try:
            for _ in range(2):
                start = time.monotonic()
                assert is_failure(app.asked())
                assert time.monotonic() - start < SOON
        finally:
            process.send_signal(signal.SIGCONT)
        assert app.signed_in()
        assert app.browser.cookies[COOKIE] == token


# --- no connection --------------------------------------------------------------------------------


@every_stack
def test_a_pool_without_a_free_connection_is_an_error(
    postgres_with_tables: Server, stack: Stack
) -> None:
    small = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.2}
    with stack.app(postgres_with_tables, **small) as app:
        app.browser.sign_in_credentials(LOGIN)
        token = app.browser.cookies[COOKIE]
        with held_connection(app):
            assert is_failure(app.asked())
            with pytest.raises(AdapterError, match="failed with TimeoutError"):
                app.session()
        assert app.signed_in()
        assert app.browser.cookies[COOKIE] == token


@contextmanager
def held_connection(app: App) -> Iterator[None]:
    """Somebody else uses the only connection of the pool."""
    if isinstance(app.engine, Engine):
        with app.engine.connect():
            yield
        return
    loop = app.browser._loop
    assert loop is not None
    connection = app.engine.connect()
    loop.run(connection.start())
    yield
    loop.run(connection.close())


@every_stack
def test_nobody_signs_in_while_the_database_cannot_be_reached(stack: Stack) -> None:
    nothing = Server(port=servers.free_port(), user="postgres", database="app")
    with stack.app(nothing) as app:
        begun = app.browser.begin_oauth("fake", "/me")
        answer = app.browser.finish_oauth(begun, app.world.idp)
        assert answer.location == "http://localhost/auth/error?error=Configuration"
        assert COOKIE not in app.browser.cookies
        assert app.browser.follow(answer).status == 500
        answer = app.browser.sign_in_credentials(LOGIN)
        assert answer.location == "http://localhost/auth/error?error=Configuration"
        assert COOKIE not in app.browser.cookies
        answer = app.browser.sign_in_email("bob@example.com")
        assert answer.location == "http://localhost/auth/error?error=Configuration"
        assert app.world.outbox == []
