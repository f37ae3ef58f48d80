"""Database sessions answered from memory: when, and when not."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest
from tests.core.harness import World

from authwire import SessionConfig, User
from authwire.adapters.memory import MemoryAdapter
from authwire.core.session_cache import cached
from authwire.errors import ConfigError
from authwire.models import AdapterSession
from authwire.runtime import drive

LIFE = timedelta(seconds=5)
LATER = datetime(2031, 1, 1, tzinfo=UTC)


class Counting(MemoryAdapter[Any]):
    """Counts how often it is asked for a session."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    async def get_session_and_user(self, session_token: str) -> Any:
        self.reads += 1
        return await super().get_session_and_user(session_token)


def config(cache: timedelta | None = LIFE) -> SessionConfig:
    return SessionConfig(strategy="database", cache=cache)


@pytest.fixture
def store() -> Counting:
    return Counting()


def test_within_its_life_the_database_is_asked_once(world: World, store: Counting) -> None:
    browser = world.browser(adapter=store, session=config())
    browser.sign_in()
    before = store.reads
    for _ in range(3):
        assert browser.session()["user"]["name"] == "Ada"
    assert store.reads - before <= 1
    world.clock.forward(seconds=6)
    asked = store.reads
    assert browser.session() is not None
    assert store.reads == asked + 1


def test_by_default_every_read_asks_the_database(world: World, store: Counting) -> None:
    browser = world.browser(adapter=store, session=config(cache=None))
    browser.sign_in()
    before = store.reads
    for _ in range(3):
        browser.session()
    assert store.reads == before + 3


def test_signing_out_is_seen_at_once_by_a_copy_of_the_cookie(world: World, store: Counting) -> None:
    browser = world.browser(adapter=store, session=config())
    browser.sign_in()
    copy = dict(browser.cookies)
    assert browser.session() is not None
    browser.post("signout")
    browser.cookies = copy
    assert browser.session() is None


def test_ending_a_users_sessions_is_seen_at_once(world: World, store: Counting) -> None:
    browser = world.browser(adapter=store, session=config())
    browser.sign_in()
    assert browser.session() is not None
    database: Any = browser.auth.database()
    browser.run(database.delete_sessions_by_user_id, store.users[0].id)
    assert browser.session() is None


def test_a_changed_user_is_seen_at_once(world: World, store: Counting) -> None:
    browser = world.browser(adapter=store, session=config())
    browser.sign_in()
    assert browser.session()["user"]["name"] == "Ada"
    database: Any = browser.auth.database()
    browser.run(database.update_user, store.users[0].id, {"name": "Countess"})
    assert browser.session()["user"]["name"] == "Countess"


def test_what_another_process_ends_is_seen_after_the_entrys_life(
    world: World, store: Counting
) -> None:
    browser = world.browser(adapter=store, session=config())
    browser.sign_in()
    assert browser.session() is not None
    store.clear()
    assert browser.session() is not None
    world.clock.forward(seconds=6)
    assert browser.session() is None


def test_an_expired_session_is_not_kept_alive(world: World, store: Counting) -> None:
    short = replace(
        config(timedelta(hours=1)), max_age=timedelta(minutes=1), update_age=timedelta(days=1)
    )
    browser = world.browser(adapter=store, session=short)
    browser.sign_in()
    copy = dict(browser.cookies)
    assert browser.session() is not None
    world.clock.forward(minutes=2)
    browser.cookies = copy
    assert browser.session() is None


def test_no_more_entries_than_allowed_are_kept(store: Counting) -> None:
    database = cached(store, life=LIFE, size=2, now=lambda: LATER)
    user = drive(store.create_user(User(id="1")))
    for n in range(4):
        row = AdapterSession(session_token=f"s-{n}", user_id=user.id, expires=LATER)
        drive(store.create_session(row))
        drive(database.get_session_and_user(f"s-{n}"))
    asked = store.reads
    drive(database.get_session_and_user("s-3"))
    assert store.reads == asked
    drive(database.get_session_and_user("s-0"))
    assert store.reads == asked + 1


def test_nobody_is_never_remembered(store: Counting) -> None:
    database = cached(store, life=LIFE, size=2, now=lambda: LATER)
    assert drive(database.get_session_and_user("s-1")) is None
    user = drive(store.create_user(User(id="1")))
    drive(store.create_session(AdapterSession(session_token="s-1", user_id=user.id, expires=LATER)))
    assert drive(database.get_session_and_user("s-1")) is not None


@pytest.mark.anyio
async def test_a_read_that_began_before_a_sign_out_is_not_remembered(store: Counting) -> None:
    user = await store.create_user(User(id="1"))
    await store.create_session(AdapterSession(session_token="s-1", user_id=user.id, expires=LATER))
    found, goes_on = anyio.Event(), anyio.Event()

    class Slow(Counting):
        async def get_session_and_user(self, session_token: str) -> Any:
            row = await store.get_session_and_user(session_token)
            found.set()
            await goes_on.wait()
            return row

        async def delete_session(self, session_token: str) -> Any:
            return await store.delete_session(session_token)

    database: Any = cached(Slow(), life=LIFE, size=2, now=lambda: LATER)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(database.get_session_and_user, "s-1")
        await found.wait()
        await database.delete_session("s-1")
        goes_on.set()
    assert await database.get_session_and_user("s-1") is None


def test_threads_may_share_it(store: Counting) -> None:
    database: Any = cached(store, life=LIFE, size=3, now=lambda: datetime.now(UTC))
    user = drive(store.create_user(User(id="1")))
    for n in range(20):
        drive(
            store.create_session(
                AdapterSession(session_token=f"s-{n}", user_id=user.id, expires=LATER)
            )
        )
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for n in range(400):
                assert drive(database.get_session_and_user(f"s-{n % 20}")) is not None
                drive(database.update_session(f"s-{n % 7}", LATER))
        except BaseException as exc:  # noqa: BLE001  # whatever went wrong
            failures.append(exc)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.parametrize("session", [config(timedelta(0)), replace(config(), cache_size=0)])
def test_a_cache_of_no_use_is_refused(world: World, session: SessionConfig) -> None:
    with pytest.raises(ConfigError, match=r"session\.cache"):
        world.browser(adapter=MemoryAdapter(), session=session)
