"""Steps in several slots: where keys lie, and what a step that fails leaves behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest
import redis
import redis.asyncio
from redis.exceptions import ConnectionError as RedisConnectionError
from tests.adapters.calls import account_of, counted, passkey_of, session_of, stored
from tests.adapters.redis.stores import RawReader
from tests.adapters.redis.test_adapter import ROUND_TRIPS, noted

from authwire.adapters.redis import RedisAdapter
from authwire.adapters.redis.store import _Claim
from authwire.errors import AdapterError
from authwire.models import AdapterSession, User

pytestmark = pytest.mark.anyio

LONG_AGO = 1_600_000_000_000_000
LATER = datetime(2031, 1, 1, tzinfo=UTC)


@pytest.fixture
def adapter(cluster_client: redis.asyncio.RedisCluster) -> RedisAdapter:
    return RedisAdapter(cluster_client)


@pytest.fixture
def reader(raw_cluster: redis.RedisCluster) -> RawReader:
    return RawReader(raw_cluster, "authwire:")


def keys_of(raw: redis.RedisCluster) -> set[str]:
    return {key.removeprefix("authwire:") for key in raw.scan_iter("*", count=1000)}


def age(raw: redis.RedisCluster, name: str) -> None:
    """Make a claim look as if it had been made long ago."""
    _, owner = raw.get(f"authwire:{name}").split(" ", 1)
    raw.set(f"authwire:{name}", f"{LONG_AGO} {owner}", keepttl=True)


async def failing_at(adapter: RedisAdapter, step: int, call: Callable[[], Awaitable[Any]]) -> None:
    """Make a call whose ``step``-th command (from 0) does not reach the server."""
    sent = 0
    store: Any = adapter._store
    command = store.command

    async def once(*parts: Any, **options: Any) -> Any:
        nonlocal sent
        if sent == step:
            raise RedisConnectionError("cut off")
        sent += 1
        return await command(*parts, **options)

    store.command = once
    try:
        with pytest.raises(RedisConnectionError, match="cut off"):
            await call()
    finally:
        del store.command
    assert sent == step


# --- where keys lie -------------------------------------------------------------------------------


async def test_io_tells_which_client_is_inside(
    adapter: RedisAdapter, raw_cluster: redis.RedisCluster
) -> None:
    assert adapter.io == "async"
    assert RedisAdapter(raw_cluster).io == "blocking"


async def test_all_methods_work_with_keys_on_all_nodes(
    adapter: RedisAdapter, raw_cluster: redis.RedisCluster
) -> None:
    for number in range(20, 26):
        await stored(adapter, number)
    nodes = {
        raw_cluster.nodes_manager.get_node_from_slot(raw_cluster.keyslot(f"authwire:{key}"))
        for key in keys_of(raw_cluster)
    }
    assert len(nodes) == 3
    assert len(await counted(adapter, [])) == len(ROUND_TRIPS)
    for number in range(20, 26):
        await adapter.delete_user(f"u-{number}")
        await adapter.use_verification_token(f"t-{number}", None)
    left = {key for key in keys_of(raw_cluster) if "u-8" not in key and "u-9" not in key}
    assert left == {"email:8@example.com"}


async def test_each_method_takes_so_many_round_trips(
    adapter: RedisAdapter,
    cluster_client: redis.asyncio.RedisCluster,
    raw_cluster: redis.RedisCluster,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for script in _scripts():  # on all nodes: which of them runs which is left to chance
        raw_cluster.script_load(script)
    seen = noted(cluster_client, monkeypatch)
    found = {call: len(sent) for call, sent in (await counted(adapter, seen)).items()}
    assert found == {call: trips[1] for call, trips in ROUND_TRIPS.items()}


def _scripts() -> list[str]:
    from authwire.adapters.redis import scripts

    return [value.body for value in vars(scripts).values() if isinstance(value, scripts.Script)]


async def test_with_a_hash_tag_in_the_prefix_all_keys_lie_in_one_slot(
    cluster_client: redis.asyncio.RedisCluster, raw_cluster: redis.RedisCluster
) -> None:
    await stored(RedisAdapter(cluster_client, prefix="{authwire}:"))
    slots = {raw_cluster.keyslot(key) for key in raw_cluster.scan_iter("*", count=1000)}
    assert slots == {raw_cluster.keyslot("authwire")}


async def test_check_schema_asks_every_node(
    adapter: RedisAdapter, raw_cluster: redis.RedisCluster
) -> None:
    node = raw_cluster.get_primaries()[-1]
    raw_cluster.config_set("maxmemory-policy", "allkeys-lfu", target_nodes=node)
    try:
        (complaint,) = await adapter.check_schema()
    finally:
        raw_cluster.config_set("maxmemory-policy", "noeviction", target_nodes=node)
    assert "maxmemory-policy is allkeys-lfu" in complaint
    assert await adapter.check_schema() == []


# --- failing half-way -----------------------------------------------------------------------------


async def test_an_email_claimed_for_a_user_that_never_came_is_free_again(
    adapter: RedisAdapter, raw_cluster: redis.RedisCluster
) -> None:
    user = User(id="1", email="a@example.com")
    await failing_at(adapter, 1, lambda: adapter.create_user(user))
    assert keys_of(raw_cluster) == {"email:a@example.com"}
    assert await adapter.get_user_by_email("a@example.com") is None
    rival = User(id="2", email="a@example.com")
    with pytest.raises(AdapterError, match="e-mail is already taken"):
        await adapter.create_user(rival)  # the first may still be on its way
    age(raw_cluster, "email:a@example.com")
    assert await adapter.create_user(rival) == rival
    assert await adapter.get_user_by_email("a@example.com") == rival
    with pytest.raises(AdapterError, match="e-mail is already taken"):
        await adapter.create_user(user)


async def test_a_claim_of_what_is_there_never_grows_void(
    adapter: RedisAdapter, raw_cluster: redis.RedisCluster
) -> None:
    user = await stored(adapter)
    for name in ("email:1@example.com", "account:p:1", "passkey:AQI1"):
        age(raw_cluster, name)
    rival = await adapter.create_user(User(id="2"))
    for refused in (
        adapter.create_user(User(id="3", email="1@example.com")),
        adapter.update_user("2", {"email": "1@example.com"}),
        adapter.link_account(account_of(rival)),
        adapter.create_authenticator(passkey_of(rival)),
    ):
        with pytest.raises(AdapterError, match="already"):
            await refused
    assert await adapter.get_user_by_email("1@example.com") == user
    assert await adapter.get_user_by_account("p", "1") == user
    assert await adapter.get_authenticator("AQI1") == passkey_of(user)


async def test_the_same_user_may_try_again_at_once(adapter: RedisAdapter) -> None:
    user = User(id="1", email="a@example.com")
    await failing_at(adapter, 1, lambda: adapter.create_user(user))
    assert await adapter.create_user(user) == user
    assert await adapter.get_user_by_email("a@example.com") == user


async def test_of_many_who_take_over_a_claim_one_wins(
    adapter: RedisAdapter, raw_cluster: redis.RedisCluster
) -> None:
    first = User(id="0", email="a@example.com")
    await failing_at(adapter, 1, lambda: adapter.create_user(first))
    age(raw_cluster, "email:a@example.com")
    won: list[User] = []
    lost: list[str] = []

    async def rival(number: int) -> None:
        try:
            won.append(await adapter.create_user(User(id=str(number), email="a@example.com")))
        except AdapterError as exc:
            lost.append(str(exc))

    async with anyio.create_task_group() as tasks:
        for number in range(50):
            tasks.start_soon(rival, number)
    assert len(won) == 1
    assert lost == ["the e-mail is already taken"] * 49
    assert await adapter.get_user_by_email("a@example.com") == won[0]
    assert sum("{user:" in key for key in keys_of(raw_cluster)) == 1


async def test_a_claim_that_has_grown_old_is_not_used(
    adapter: RedisAdapter, raw_cluster: redis.RedisCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its user was held up for so long that another may have taken it over."""
    store: Any = adapter._store
    claim = store._claim

    async def stalled(name: str, owner: str) -> Any:
        made = await claim(name, owner)
        return _Claim(f"{LONG_AGO} {owner}", fresh=made.fresh)

    await stored(adapter)
    before = keys_of(raw_cluster)
    monkeypatch.setattr(store, "_claim", stalled)
    user = User(id="2", email="a@example.com")
    for late in (
        lambda: adapter.create_user(user),
        lambda: adapter.update_user("u-1", {"email": "b@example.com"}),
        lambda: adapter.link_account(account_of(User(id="u-1"), 2)),
    ):
        with pytest.raises(AdapterError, match="took too long"):
            await late()
    monkeypatch.undo()
    assert await adapter.get_user("2") is None
    assert await adapter.get_user_by_email("a@example.com") is None
    assert await adapter.get_account("p", "2") is None
    left = keys_of(raw_cluster) - before
    assert left == {"email:a@example.com", "email:b@example.com", "account:p:2"}
    for name in left:
        age(raw_cluster, name)
    assert await adapter.create_user(user) == user


@pytest.mark.parametrize("refused", ["user id", "account", "passkey", "session"])
async def test_a_refused_row_leaves_no_claim(
    adapter: RedisAdapter, raw_cluster: redis.RedisCluster, refused: str
) -> None:
    await stored(adapter)
    before = keys_of(raw_cluster)
    nobody = User(id="nobody")
    calls = {
        "user id": lambda: adapter.create_user(User(id="u-1", email="new@example.com")),
        "account": lambda: adapter.link_account(account_of(nobody, 2)),
        "passkey": lambda: adapter.create_authenticator(passkey_of(nobody, 2)),
        "session": lambda: adapter.create_session(session_of(nobody, 2)),
    }
    with pytest.raises(AdapterError):
        await calls[refused]()
    assert keys_of(raw_cluster) == before


async def test_a_refusal_keeps_the_claims_of_what_is_there(adapter: RedisAdapter) -> None:
    user = await stored(adapter)
    for again in (
        adapter.create_user(user),
        adapter.link_account(account_of(user)),
        adapter.create_authenticator(passkey_of(user)),
        adapter.create_session(session_of(user)),
    ):
        with pytest.raises(AdapterError):
            await again
    assert await adapter.get_user_by_email("1@example.com") == user
    assert await adapter.get_user_by_account("p", "1") == user
    assert await adapter.get_authenticator("AQI1") == passkey_of(user)
    assert await adapter.get_session_and_user("s-1") is not None


@pytest.mark.parametrize("step", [1, 2, 3])
async def test_a_change_of_the_email_that_fails_is_not_made_or_made_in_full(
    adapter: RedisAdapter, raw_cluster: redis.RedisCluster, step: int
) -> None:
    old = await stored(adapter)
    new = replace(old, email="new@example.com")
    await failing_at(adapter, step, lambda: adapter.update_user("u-1", {"email": new.email}))
    now, gone = (new, old) if step == 3 else (old, new)
    assert await adapter.get_user("u-1") == now
    assert now.email is not None
    assert gone.email is not None
    assert await adapter.get_user_by_email(now.email) == now
    assert await adapter.get_user_by_email(gone.email) is None
    with pytest.raises(AdapterError, match="e-mail"):
        await adapter.create_user(User(email=now.email))
    if step > 1:  # before, it was not even claimed
        age(raw_cluster, f"email:{gone.email}")
    assert (await adapter.create_user(User(id="2", email=gone.email))).email == gone.email


@pytest.mark.parametrize("step", [1, 2, 3, 4, 5])
async def test_a_deletion_that_fails_is_finished_by_doing_it_again(
    adapter: RedisAdapter, raw_cluster: redis.RedisCluster, step: int
) -> None:
    user = await stored(adapter)
    await adapter.use_verification_token("t-1", None)
    await failing_at(adapter, step, lambda: adapter.delete_user("u-1"))
    assert await adapter.get_user("u-1") is None
    assert await adapter.get_user_by_email("1@example.com") is None
    assert await adapter.get_user_by_account("p", "1") is None
    assert await adapter.get_account("p", "1") is None
    assert await adapter.get_authenticator("AQI1") is None
    assert await adapter.get_session_and_user("s-1") is None
    assert await adapter.list_accounts_by_user_id("u-1") == []
    with pytest.raises(AdapterError, match="no such user"):
        await adapter.create_session(session_of(user, 3))
    await adapter.delete_user("u-1")
    assert keys_of(raw_cluster) == set()


async def test_what_a_failed_deletion_left_blocks_nobody(
    adapter: RedisAdapter, raw_cluster: redis.RedisCluster
) -> None:
    await stored(adapter)
    await failing_at(adapter, 1, lambda: adapter.delete_user("u-1"))
    for name in ("email:1@example.com", "account:p:1", "passkey:AQI1"):
        age(raw_cluster, name)
    heir = await adapter.create_user(User(id="2", email="1@example.com"))
    await adapter.link_account(account_of(heir))
    await adapter.create_authenticator(passkey_of(heir))
    assert await adapter.get_user_by_account("p", "1") == heir
    # The first deletion, done again, leaves alone what has a new owner.
    await adapter.delete_user("u-1")
    assert await adapter.get_user_by_email("1@example.com") == heir
    assert await adapter.get_user_by_account("p", "1") == heir
    assert await adapter.get_authenticator("AQI1") == passkey_of(heir)


@pytest.mark.parametrize("step", [1, 2])
async def test_an_account_half_removed_is_gone(
    adapter: RedisAdapter, raw_cluster: redis.RedisCluster, step: int
) -> None:
    user = await stored(adapter)
    await failing_at(adapter, step, lambda: adapter.unlink_account("p", "1"))
    there = step == 1
    assert (await adapter.get_account("p", "1") is not None) == there
    assert len(await adapter.list_accounts_by_user_id("u-1")) == there
    if not there:
        await adapter.link_account(account_of(user))
        assert await adapter.get_user_by_account("p", "1") == user


async def test_a_session_half_made_is_none(adapter: RedisAdapter) -> None:
    user = await stored(adapter)
    await failing_at(adapter, 1, lambda: adapter.create_session(session_of(user, 3)))
    assert await adapter.get_session_and_user("s-3") is None
    assert await adapter.update_session("s-3", LATER) is None
    assert await adapter.delete_session("s-3") is None


@pytest.mark.parametrize("step", [1, 2])
async def test_a_session_half_deleted_is_there_or_gone(adapter: RedisAdapter, step: int) -> None:
    await stored(adapter)
    await failing_at(adapter, step, lambda: adapter.delete_session("s-1"))
    assert (await adapter.get_session_and_user("s-1") is not None) == (step == 1)
    tokens = [row.session_token for row in await adapter.list_sessions_by_user_id("u-1")]
    assert ("s-1" in tokens) == (step == 1)


async def test_sessions_half_revoked_are_gone(adapter: RedisAdapter) -> None:
    await stored(adapter)
    await failing_at(adapter, 1, lambda: adapter.delete_sessions_by_user_id("u-1"))
    assert await adapter.get_session_and_user("s-1") is None
    assert await adapter.get_session_and_user("s-101") is None


async def test_a_session_half_moved_has_not_moved(adapter: RedisAdapter, reader: RawReader) -> None:
    user = await stored(adapter)
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    session = AdapterSession(session_token="s-3", user_id=user.id, expires=soon)
    await adapter.create_session(session)
    await failing_at(adapter, 1, lambda: adapter.update_session("s-3", LATER))
    assert await adapter.get_session_and_user("s-3") == (session, user)
    assert reader.session("s-3") == session
