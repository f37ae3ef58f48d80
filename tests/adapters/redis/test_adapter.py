"""What the contract does not ask for."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
import redis
import redis.asyncio
from redis.exceptions import ConnectionError as RedisConnectionError
from tests.adapters.calls import account_of, counted, passkey_of, session_of, stored, token_of
from tests.adapters.redis.stores import RawReader, drive
from tests.servers import Server, private_redis

from authwire.adapters.redis import RedisAdapter
from authwire.adapters.redis.health import complaints
from authwire.errors import AdapterError
from authwire.models import AdapterSession, User, VerificationToken

pytestmark = pytest.mark.anyio

DOCS = Path(__file__).resolve().parents[3] / "docs" / "adapters" / "redis.md"
# Commands of each call, one after another: on one server, and in a cluster.
ROUND_TRIPS = {
    "create_user": (1, 2),
    "create_user without an e-mail": (1, 1),
    "get_user": (1, 1),
    "get_user_by_email": (1, 2),
    "get_user_by_account": (1, 2),
    "update_user": (2, 2),
    "update_user with another e-mail": (2, 4),
    "link_account": (1, 2),
    "get_account": (1, 2),
    "update_account": (2, 3),
    "list_accounts_by_user_id": (1, 1),
    "unlink_account": (2, 3),
    "create_session": (1, 2),
    "get_session_and_user": (1, 2),
    "update_session": (2, 2),
    "list_sessions_by_user_id": (1, 1),
    "delete_session": (2, 3),
    "delete_sessions_by_user_id": (1, 2),  # and one more for each further session
    "delete_expired_sessions": (0, 0),
    "create_verification_token": (1, 1),
    "use_verification_token": (1, 1),
    "use_verification_token without an identifier": (1, 1),
    "delete_expired_verification_tokens": (0, 0),
    "create_authenticator": (1, 2),
    "get_authenticator": (1, 2),
    "list_authenticators_by_user_id": (1, 1),
    "update_authenticator_counter": (2, 3),
    "update_authenticator": (2, 3),
    "delete_authenticator": (2, 3),
    "check_schema": (1, 1),
    "create_schema": (0, 0),
    "delete_user": (1, 6),  # 2, and one for each account, session, passkey and e-mail
}


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"
    born: datetime | None = None
    tags: list[str] = field(default_factory=list)


@pytest.fixture
def adapter(client: redis.asyncio.Redis, prefix: str) -> RedisAdapter:
    return RedisAdapter(client, prefix=prefix)


@pytest.fixture
def sync_adapter(sync_client: redis.Redis, prefix: str) -> RedisAdapter:
    return RedisAdapter(sync_client, prefix=prefix)


def noted(client: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that a client sends from now on."""
    seen: list[str] = []
    send = client.execute_command

    def execute_command(*parts: Any, **options: Any) -> Any:
        seen.append(parts[0])
        return send(*parts, **options)

    monkeypatch.setattr(client, "execute_command", execute_command)
    return seen


# --- clients --------------------------------------------------------------------------------------


def test_with_a_sync_client_no_method_suspends(sync_adapter: RedisAdapter) -> None:
    sent = drive(counted(sync_adapter, []))
    assert len(sent) == len(ROUND_TRIPS)


def test_io_tells_which_client_is_inside() -> None:
    assert RedisAdapter(redis.Redis()).io == "blocking"
    assert RedisAdapter(redis.asyncio.Redis()).io == "async"


def test_something_else_than_a_client_is_refused() -> None:
    with pytest.raises(TypeError, match=r"expected a Redis or RedisCluster of redis-py, not str"):
        RedisAdapter("redis://localhost")


def test_a_missing_redis_py_names_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name.startswith("authwire.adapters.redis"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ImportError, match=r"pip install 'authwire\[redis\]'"):
        __import__("authwire.adapters.redis")


# --- round trips ----------------------------------------------------------------------------------


@pytest.mark.parametrize("cluster", [False, True])
async def test_each_method_takes_so_many_round_trips(
    client: redis.asyncio.Redis, prefix: str, monkeypatch: pytest.MonkeyPatch, cluster: bool
) -> None:
    # The server learns the scripts first.
    await counted(RedisAdapter(client, prefix=f"{prefix}0:", cluster=cluster), [])
    seen = noted(client, monkeypatch)
    sent = await counted(RedisAdapter(client, prefix=f"{prefix}1:", cluster=cluster), seen)
    found = {call: len(commands) for call, commands in sent.items()}
    assert found == {call: trips[cluster] for call, trips in ROUND_TRIPS.items()}


def test_the_docs_have_the_same_numbers() -> None:
    rows = re.findall(
        r"^\| `?([^|`]+)`?([^|]*)\| (\d+) \| (\d+)", DOCS.read_text("utf-8"), re.MULTILINE
    )
    told = {
        f"{name.strip()} {case.strip()}".strip(): (int(one), int(many))
        for name, case, one, many in rows
    }
    assert told == ROUND_TRIPS


async def test_a_server_that_forgot_the_scripts_is_told_them_again() -> None:
    with private_redis() as server:
        async with redis.asyncio.Redis(port=server.port) as client:
            adapter = RedisAdapter(client)
            user = await adapter.create_user(User(email="a@example.com"))
            await client.script_flush()
            assert await adapter.get_user_by_email("a@example.com") == user


# --- expiry ---------------------------------------------------------------------------------------


async def test_what_expires_carries_its_time_and_nothing_else_does(
    adapter: RedisAdapter, raw: redis.Redis, prefix: str
) -> None:
    await stored(adapter)
    expiring = {
        key.removeprefix(prefix) for key in raw.scan_iter(f"{prefix}*") if raw.pttl(key) > 0
    }
    assert expiring == {"session:s-1", "session:s-101", "{user:u-1}:sessions", "token:t-1"}
    lasting = {key.removeprefix(prefix) for key in raw.scan_iter(f"{prefix}*")} - expiring
    assert lasting == {"{user:u-1}", "email:1@example.com", "account:p:1", "passkey:AQI1"}


async def test_expired_sessions_leave_nothing_behind(
    adapter: RedisAdapter, raw: redis.Redis, prefix: str
) -> None:
    user = await adapter.create_user(User(id="1"))
    now = datetime.now(UTC)
    soon = now + timedelta(seconds=1)
    brief = [AdapterSession(session_token=f"s-{n}", user_id="1", expires=soon) for n in range(5)]
    for session in brief:
        await adapter.create_session(session)
    long = AdapterSession(session_token="long", user_id="1", expires=now + timedelta(seconds=2.5))
    await adapter.create_session(long)
    sessions = f"{prefix}{{user:1}}:sessions"
    assert raw.zcard(sessions) == 6
    await anyio.sleep((soon - datetime.now(UTC)).total_seconds() + 0.05)
    assert await adapter.get_session_and_user("s-0") is None
    assert await adapter.update_session("s-0", long.expires) is None
    assert [row.session_token for row in await adapter.list_sessions_by_user_id("1")] == ["long"]
    await adapter.update_session("long", long.expires)
    assert raw.zrange(sessions, 0, -1) == ["long"]
    await anyio.sleep((long.expires - datetime.now(UTC)).total_seconds() + 0.05)
    assert set(raw.scan_iter(f"{prefix}*")) == {f"{prefix}{{user:1}}"}
    assert await adapter.get_user("1") == user


async def test_a_session_moved_to_the_past_is_gone(adapter: RedisAdapter) -> None:
    user = await stored(adapter)
    past = datetime(2001, 1, 1, tzinfo=UTC)
    await adapter.update_session("s-1", past)
    assert await adapter.get_session_and_user("s-1") is None
    assert await adapter.list_sessions_by_user_id(user.id) == [
        replace(row, expires=row.expires.replace(microsecond=123000))
        for row in [session_of(user, 101)]
    ]


async def test_a_session_may_be_made_shorter_and_longer(
    adapter: RedisAdapter, raw: redis.Redis, prefix: str
) -> None:
    user = await stored(adapter)
    now = datetime.now(UTC).replace(microsecond=0)
    for hours in (1, 2):
        expires = now + timedelta(hours=hours)
        await adapter.update_session("s-101", now + timedelta(minutes=1))
        moved = await adapter.update_session("s-1", expires)
        assert moved == replace(session_of(user), expires=expires)
        assert await adapter.get_session_and_user("s-1") == (moved, user)
        assert raw.pttl(f"{prefix}{{user:{user.id}}}:sessions") <= hours * 3_600_000


async def test_one_token_of_two_addresses_expires_for_each_in_its_own_time(
    adapter: RedisAdapter,
) -> None:
    soon = datetime.now(UTC) + timedelta(milliseconds=200)
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    brief = VerificationToken(identifier="a@example.com", token="t", expires=soon)
    long = VerificationToken(identifier="b@example.com", token="t", expires=later)
    await adapter.create_verification_token(long)
    await adapter.create_verification_token(brief)
    await anyio.sleep(0.3)
    assert await adapter.use_verification_token("t", "a@example.com") is None
    assert await adapter.use_verification_token("t", None) == long
    assert await adapter.use_verification_token("t", None) is None


async def test_a_time_without_a_zone_is_refused(adapter: RedisAdapter) -> None:
    naive = datetime(2031, 1, 1)  # noqa: DTZ001  # the point of the test
    with pytest.raises(ValueError, match="time zone"):
        await adapter.create_verification_token(replace(token_of(), expires=naive))


# --- rows -----------------------------------------------------------------------------------------


async def test_users_keep_fields_of_your_own(client: redis.asyncio.Redis, prefix: str) -> None:
    adapter = RedisAdapter(client, prefix=prefix, user=Member)
    born = datetime(1815, 12, 10, tzinfo=UTC)
    ada = await adapter.create_user(Member(email="a@example.com", born=born, tags=["x", "ü"]))
    assert await adapter.get_user_by_email("a@example.com") == ada
    assert (ada.born, ada.tags, ada.role) == (born, ["x", "ü"], "member")
    changed = await adapter.update_user(ada.id, {"role": "admin", "born": None})
    assert changed == replace(ada, role="admin", born=None)
    # A provider's profile may make a plain user.
    plain = await adapter.create_user(User(name="Bob"))  # type: ignore[arg-type]  # as said
    assert plain == Member(id=plain.id, name="Bob")


async def test_another_class_of_users_leaves_fields_alone_that_it_does_not_know(
    client: redis.asyncio.Redis, prefix: str
) -> None:
    ours = RedisAdapter(client, prefix=prefix, user=Member)
    ada = await ours.create_user(Member(id="1", role="admin"))
    await RedisAdapter(client, prefix=prefix).update_user("1", {"name": "Ada"})
    assert await ours.get_user("1") == replace(ada, name="Ada")


async def test_changes_at_the_same_time_are_all_kept(adapter: RedisAdapter) -> None:
    user = await stored(adapter)
    changes = [{"name": "Ada"}, {"image": "https://example.com/a.png"}, {"email": "b@example.com"}]
    async with anyio.create_task_group() as tasks:
        for change in changes * 10:
            tasks.start_soon(adapter.update_user, user.id, change)
    expected = replace(user, name="Ada", image="https://example.com/a.png", email="b@example.com")
    assert await adapter.get_user(user.id) == expected
    assert await adapter.get_user_by_email("b@example.com") == expected
    assert await adapter.get_user_by_email("1@example.com") is None


async def test_names_with_colons_and_braces_do_not_run_together(
    adapter: RedisAdapter, reader: RawReader
) -> None:
    odd = ["a}", "}", "{", "a}:sessions", "a:b", "a b", "\n", "0 a"]
    for user_id in odd:
        user = await adapter.create_user(User(id=user_id, email=f"{user_id}@example.com"))
        await adapter.link_account(account_of(user, provider=user_id, provider_account_id="b:c"))
        await adapter.link_account(
            account_of(user, provider="a", provider_account_id=f"{user_id}:c")
        )
        session = replace(session_of(user), session_token=user_id)
        await adapter.create_session(session)
    for user_id in odd:
        user = reader.user(user_id)
        assert user == User(id=user_id, email=f"{user_id}@example.com")
        assert await adapter.get_user_by_email(f"{user_id}@example.com") == user
        assert await adapter.get_user_by_account(user_id, "b:c") == user
        assert await adapter.get_user_by_account("a", f"{user_id}:c") == user
        found = await adapter.get_session_and_user(user_id)
        assert found is not None
        assert found[1] == user
        assert len(await adapter.list_accounts_by_user_id(user_id)) == 2


async def test_a_token_that_is_no_text_is_unknown(adapter: RedisAdapter) -> None:
    assert await adapter.get_session_and_user("\ud800") is None
    assert await adapter.use_verification_token("\ud800", "\udfff") is None


async def test_deleting_a_user_deletes_every_key(
    adapter: RedisAdapter, raw: redis.Redis, prefix: str
) -> None:
    await stored(adapter)
    await adapter.use_verification_token("t-1", None)
    await adapter.delete_user("u-1")
    assert list(raw.scan_iter(f"{prefix}*")) == []


async def test_what_belongs_to_nobody_is_refused(adapter: RedisAdapter) -> None:
    nobody = User(id="nobody")
    for refused in (
        adapter.link_account(account_of(nobody)),
        adapter.create_session(session_of(nobody)),
        adapter.create_authenticator(passkey_of(nobody)),
    ):
        with pytest.raises(AdapterError, match=r"^no such user$"):
            await refused


async def test_a_taken_value_is_named_without_being_shown(adapter: RedisAdapter) -> None:
    user = await stored(adapter)
    cases = [
        (adapter.create_user(User(id="u-1")), "the user id is already taken"),
        (adapter.create_user(User(email="1@example.com")), "the e-mail is already taken"),
        (adapter.link_account(account_of(user)), "the account is already linked"),
        (adapter.create_session(session_of(user)), "the session token is already taken"),
        (
            adapter.create_verification_token(token_of()),
            "the verification token is already taken",
        ),
        (adapter.create_authenticator(passkey_of(user)), "the credential id is already taken"),
    ]
    for refused, message in cases:
        with pytest.raises(AdapterError) as caught:
            await refused
        assert str(caught.value) == message
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None


async def test_keys_never_change(adapter: RedisAdapter) -> None:
    await stored(adapter)
    with pytest.raises(ValueError, match="user's id"):
        await adapter.update_user("u-1", {"id": "u-2"})
    with pytest.raises(ValueError, match="passkey's id"):
        await adapter.update_authenticator("AQI1", {"credential_id": "x"})
    with pytest.raises(ValueError, match="owner"):
        await adapter.update_authenticator("AQI1", {"user_id": "x"})
    with pytest.raises(TypeError, match="no field 'nam'"):
        await adapter.update_user("u-1", {"nam": "x"})


# --- servers --------------------------------------------------------------------------------------


@pytest.fixture
def lasting() -> Iterator[Server]:
    """A server that writes every command to disk before it answers."""
    with private_redis("--appendonly", "yes", "--appendfsync", "always") as server:
        yield server


@pytest.fixture
async def patient(lasting: Server) -> AsyncIterator[redis.asyncio.Redis]:
    async with redis.asyncio.Redis(port=lasting.port, socket_connect_timeout=2) as client:
        yield client


async def test_while_the_server_is_down_all_calls_fail_and_afterwards_they_work_again(
    lasting: Server, patient: redis.asyncio.Redis
) -> None:
    adapter = RedisAdapter(patient)
    user = await stored(adapter)
    before = await adapter.get_session_and_user("s-1")
    assert lasting.process is not None
    lasting.process.kill()
    lasting.process.wait()
    for failing in (
        adapter.get_session_and_user("s-1"),
        adapter.get_user_by_email("1@example.com"),
        adapter.use_verification_token("t-1", None),
        adapter.create_user(User()),
    ):
        with pytest.raises(RedisConnectionError):
            await failing
    again = subprocess.Popen(lasting.process.args, stdout=subprocess.DEVNULL)  # noqa: ASYNC220  # it starts at once
    try:
        await _until_up(lasting)
        assert await adapter.get_session_and_user("s-1") == before
        assert await adapter.get_user(user.id) == user
        used = await adapter.use_verification_token("t-1", None)
        assert used is not None
    finally:
        again.terminate()
        again.wait()


async def _until_up(server: Server) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(redis.RedisError), redis.Redis(port=server.port) as client:
            client.ping()
            return
        await anyio.sleep(0.05)
    raise AssertionError("the server did not come back")


async def test_a_server_that_evicts_users_is_complained_about() -> None:
    with (
        private_redis("--maxmemory-policy", "allkeys-lru") as server,
        redis.Redis(port=server.port) as client,
    ):
        adapter = RedisAdapter(client)
        (complaint,) = await adapter.check_schema()
        assert complaint == (
            "the server may evict users: maxmemory-policy is allkeys-lru, and must be noeviction or "
            "volatile-ttl"
        )
        client.config_set("maxmemory-policy", "volatile-ttl")
        assert await adapter.check_schema() == []


class Servers:
    """Stands for a store whose servers are old: none such can be had."""

    async def servers(self) -> list[dict[str, Any]]:
        policy = {"maxmemory_policy": "noeviction"}
        return [{"redis_version": version, **policy} for version in ("5.0.14", "7.2.4", "6.2.0")]


async def test_an_old_server_is_complained_about() -> None:
    found: list[str] = await complaints(Servers())  # type: ignore[arg-type]  # has what is used
    assert found == ["the server is Redis 5.0.14; the adapter needs 6.2 or later"]
