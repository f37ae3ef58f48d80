"""What the contract does not ask for."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from pymongo import AsyncMongoClient, MongoClient, ReadPreference
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, OperationFailure, PyMongoError
from tests.adapters.calls import (
    LATER,
    account_of,
    counted,
    passkey_of,
    session_of,
    stored,
    token_of,
)
from tests.adapters.mongo_server import mongo_server
from tests.adapters.mongodb.stores import AuthjsReader, Seen, drive

from authwire.adapters.mongodb import MongoDBAdapter
from authwire.adapters.mongodb.shelf import VALUE_TAKEN, refusal
from authwire.errors import AdapterError
from authwire.models import User

pytestmark = pytest.mark.anyio

DOCS = Path(__file__).resolve().parents[3] / "docs" / "adapters" / "mongodb.md"
# Commands of each call, one after another: with naming "snake", and with "authjs".
COMMANDS = {
    "create_user": (1, 1),
    "create_user without an e-mail": (1, 1),
    "get_user": (1, 1),
    "get_user_by_email": (1, 1),
    "get_user_by_account": (1, 1),
    "update_user": (1, 1),
    "update_user with another e-mail": (1, 1),
    "link_account": (1, 1),
    "get_account": (1, 1),
    "update_account": (1, 2),
    "list_accounts_by_user_id": (1, 1),
    "unlink_account": (1, 1),
    "create_session": (1, 1),
    "get_session_and_user": (1, 1),
    "update_session": (1, 1),
    "list_sessions_by_user_id": (1, 1),
    "delete_session": (1, 1),
    "delete_sessions_by_user_id": (1, 1),
    "delete_expired_sessions": (1, 1),  # 2 with a limit
    "create_verification_token": (1, 1),
    "use_verification_token": (1, 1),
    "use_verification_token without an identifier": (1, 1),
    "delete_expired_verification_tokens": (1, 1),  # 2 with a limit
    "create_authenticator": (1, 1),
    "get_authenticator": (1, 1),
    "list_authenticators_by_user_id": (1, 1),
    "update_authenticator_counter": (1, 1),
    "update_authenticator": (1, 1),
    "delete_authenticator": (1, 1),
    "check_schema": (5, 5),
    "create_schema": (5, 5),  # where nothing is missing
    "delete_user": (4, 4),
}


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"
    born: datetime | None = None
    tags: list[str] = field(default_factory=list)


@pytest.fixture
async def adapter(database: AsyncDatabase[Any]) -> MongoDBAdapter:
    adapter = MongoDBAdapter(database)
    await adapter.create_schema()
    return adapter


@pytest.fixture
async def authjs(database: AsyncDatabase[Any]) -> MongoDBAdapter:
    adapter = MongoDBAdapter(database, naming="authjs")
    await adapter.create_schema()
    return adapter


async def failing_at(
    monkeypatch: pytest.MonkeyPatch,
    adapter: MongoDBAdapter,
    step: int,
    call: Callable[[], Awaitable[Any]],
) -> None:
    """Make a call whose ``step``-th command (from 0) does not reach the server."""
    sent = 0

    def cut(ask: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def once(*arguments: Any, **options: Any) -> Any:
            nonlocal sent
            if sent == step:
                raise OperationFailure("cut off")
            sent += 1
            return await ask(*arguments, **options)

        return once

    with monkeypatch.context() as patch:
        for shelf in vars(adapter).values():
            if hasattr(shelf, "ask"):
                patch.setattr(shelf, "ask", cut(shelf.ask))
        with pytest.raises(OperationFailure, match="cut off"):
            await call()
    assert sent == step


# --- clients --------------------------------------------------------------------------------------


def test_with_a_sync_client_no_method_suspends(sync_database: Database[Any]) -> None:
    adapter = MongoDBAdapter(sync_database)
    drive(adapter.create_schema())
    assert len(drive(counted(adapter, []))) == len(COMMANDS)


async def test_io_tells_which_client_is_inside(
    adapter: MongoDBAdapter, sync_database: Database[Any]
) -> None:
    assert adapter.io == "async"
    assert MongoDBAdapter(sync_database).io == "blocking"


def test_only_rows_as_auth_js_keeps_them_are_shared(sync_database: Database[Any]) -> None:
    assert not MongoDBAdapter(sync_database).shared_with_authjs
    assert MongoDBAdapter(sync_database, naming="authjs").shared_with_authjs


def test_something_else_than_a_database_is_refused(mongo_client: MongoClient[Any]) -> None:
    with pytest.raises(TypeError, match=r"expected a database of PyMongo, not MongoClient"):
        MongoDBAdapter(mongo_client)  # type: ignore[arg-type]  # the point of the test


def test_a_missing_pymongo_names_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name.startswith("authwire.adapters.mongodb"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pymongo", None)
    with pytest.raises(ImportError, match=r"pip install 'authwire\[mongodb\]'"):
        __import__("authwire.adapters.mongodb")


def test_reads_go_to_the_primary_whatever_the_client_prefers(mongo_url: str) -> None:
    with MongoClient[Any](mongo_url, readPreference="secondaryPreferred") as client:
        adapter = MongoDBAdapter(client["app"])
        assert adapter._sessions.collection.read_preference is ReadPreference.PRIMARY


# --- commands -------------------------------------------------------------------------------------


@pytest.mark.parametrize("naming", ["snake", "authjs"])
async def test_each_method_sends_so_many_commands(
    mongo_url: str, sync_database: Database[Any], naming: Any
) -> None:
    seen = Seen()
    async with AsyncMongoClient[Any](mongo_url, event_listeners=[seen]) as client:
        adapter = MongoDBAdapter(client[sync_database.name], naming=naming)
        await adapter.create_schema()
        # Auth.js' ids are the store's own choice.
        sent = await counted(_AnyId(adapter) if naming == "authjs" else adapter, seen.commands)
    found = {call: len(commands) for call, commands in sent.items()}
    assert found == {call: number[naming == "authjs"] for call, number in COMMANDS.items()}
    assert sent["get_session_and_user"] == ["aggregate"]
    assert sent["use_verification_token"] == ["findAndModify"]


class _AnyId:
    """Calls an adapter with the id that it gave a user where another is meant."""

    def __init__(self, adapter: MongoDBAdapter) -> None:
        self.adapter = adapter
        self.ids: dict[str, str] = {}

    async def create_user(self, user: User) -> User:
        created = await self.adapter.create_user(user)
        self.ids[user.id] = created.id
        return created

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.adapter, name)
        return lambda *args: method(
            *(self.ids.get(a, a) if isinstance(a, str) else a for a in args)
        )


def test_the_docs_have_the_same_numbers() -> None:
    pattern = r"^\| `?([^|`]+)`?([^|]*)\| (\d+) \| (\d+)"
    rows = re.findall(pattern, DOCS.read_text("utf-8"), re.MULTILINE)
    told = {f"{name.strip()} {case.strip()}".strip(): (int(a), int(b)) for name, case, a, b in rows}
    assert told == COMMANDS


async def test_with_a_limit_two_commands_delete_what_expired(
    mongo_url: str, sync_database: Database[Any]
) -> None:
    seen = Seen()
    async with AsyncMongoClient[Any](mongo_url, event_listeners=[seen]) as client:
        adapter = MongoDBAdapter(client[sync_database.name])
        await stored(adapter)
        seen.commands.clear()
        assert await adapter.delete_expired_sessions(LATER + timedelta(days=1), 1) == 1
        assert seen.commands == ["find", "delete"]


# --- indexes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("naming", ["snake", "authjs"])
async def test_check_schema_names_what_is_missing(
    database: AsyncDatabase[Any], naming: Any
) -> None:
    adapter = MongoDBAdapter(database, naming=naming)
    before = await adapter.check_schema()
    assert "the index on users (email) is missing" in before
    assert ("the index on sessions (sessionToken) is missing" in before) == (naming == "authjs")
    await adapter.create_schema()
    assert await adapter.check_schema() == []
    name = (
        "provider_1_providerAccountId_1"
        if naming == "authjs"
        else "provider_1_provider_account_id_1"
    )
    await database["accounts"].drop_index(name)
    (complaint,) = await adapter.check_schema()
    assert (
        complaint
        == f"the index on accounts ({name.removesuffix('_1').replace('_1_', ', ')}) is missing"
    )


async def test_an_index_that_is_not_unique_will_not_do(database: AsyncDatabase[Any]) -> None:
    adapter = MongoDBAdapter(database)
    await database["users"].create_index([("email", 1)], name="mine")
    assert "the index on users (email) is not unique" in await adapter.check_schema()


async def test_rows_that_share_an_email_are_reported_without_it(
    database: AsyncDatabase[Any],
) -> None:
    adapter = MongoDBAdapter(database)
    await database["users"].insert_many([{"_id": n, "email": "twice@example.com"} for n in "ab"])
    with pytest.raises(AdapterError) as caught:
        await adapter.create_schema()
    assert str(caught.value) == (
        "the index on users (email) cannot be made: rows share a value that must be unique"
    )
    assert caught.value.__context__ is None


async def test_indexes_of_your_own_are_left_alone(database: AsyncDatabase[Any]) -> None:
    await database["users"].create_index([("email", 1)], unique=True, sparse=True, name="mine")
    adapter = MongoDBAdapter(database)
    await adapter.create_schema()
    assert await adapter.check_schema() == []
    names = [index["name"] async for index in await database["users"].list_indexes()]
    assert names == ["_id_", "mine"]


async def test_the_server_may_delete_what_expired(database: AsyncDatabase[Any]) -> None:
    await MongoDBAdapter(database).create_schema()
    adapter = MongoDBAdapter(database, expire=True)
    assert await adapter.check_schema() == [
        "the index on sessions (expires) does not delete expired rows",
        "the index on verification_tokens (expires) does not delete expired rows",
    ]
    for name in ("sessions", "verification_tokens"):
        await database[name].drop_index("expires_1")
    await adapter.create_schema()
    assert await adapter.check_schema() == []
    live = [index async for index in await database["sessions"].list_indexes()]
    assert [index.get("expireAfterSeconds") for index in live if "expires" in index["key"]] == [0]
    user = await stored(adapter)
    assert await adapter.get_session_and_user("s-1") is not None
    assert await adapter.get_user(user.id) == user


async def test_collections_may_have_other_names(database: AsyncDatabase[Any]) -> None:
    adapter = MongoDBAdapter(database, collections={"users": "people", "sessions": "visits"})
    await adapter.create_schema()
    user = await stored(adapter)
    assert sorted(await database.list_collection_names()) == [
        "accounts",
        "authenticators",
        "people",
        "verification_tokens",
        "visits",
    ]
    found = await adapter.get_session_and_user("s-1")
    assert found is not None
    assert found[1] == user


# --- rows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("naming", ["snake", "authjs"])
async def test_users_keep_fields_of_your_own(database: AsyncDatabase[Any], naming: Any) -> None:
    adapter = MongoDBAdapter(database, user=Member, naming=naming)
    born = datetime(1815, 12, 10, 5, tzinfo=timezone(timedelta(hours=5)))
    ada = await adapter.create_user(Member(email="a@example.com", born=born, tags=["x", "ü"]))
    assert await adapter.get_user_by_email("a@example.com") == ada
    assert (str(ada.born), ada.tags, ada.role) == (
        "1815-12-10 00:00:00+00:00",
        ["x", "ü"],
        "member",
    )
    changed = await adapter.update_user(ada.id, {"role": "admin", "born": None})
    assert changed == replace(ada, role="admin", born=None)
    # A provider's profile may make a plain user.
    plain = await adapter.create_user(User(name="Bob"))  # type: ignore[arg-type]  # as said
    assert plain == Member(id=plain.id, name="Bob")
    # Another class of users leaves fields alone that it does not know.
    await MongoDBAdapter(database, naming=naming).update_user(ada.id, {"name": "Ada"})
    assert await adapter.get_user(ada.id) == replace(changed, name="Ada")


async def test_times_come_back_as_they_are_kept(adapter: MongoDBAdapter) -> None:
    """In whole milliseconds."""
    user = await stored(adapter)
    session = session_of(user, 3)
    assert session.expires.microsecond == 123456
    created = await adapter.create_session(session)
    assert created.expires == session.expires.replace(microsecond=123000)
    found = await adapter.get_session_and_user("s-3")
    assert found is not None
    assert found[0] == created
    assert str(found[0].expires).endswith("+00:00")


async def test_a_time_without_a_zone_is_refused(adapter: MongoDBAdapter) -> None:
    naive = datetime(2031, 1, 1)  # noqa: DTZ001  # the point of the test
    with pytest.raises(ValueError, match="time zone"):
        await adapter.create_verification_token(replace(token_of(), expires=naive))


async def test_a_value_that_looks_like_an_operator_is_a_value(adapter: MongoDBAdapter) -> None:
    await stored(adapter)
    anything: Any = {"$ne": None}
    assert await adapter.get_session_and_user(anything) is None
    assert await adapter.get_user_by_email(anything) is None
    assert await adapter.use_verification_token(anything, "a@example.com") is None
    assert await adapter.use_verification_token("t-1", anything) is None
    assert await adapter.use_verification_token("t-1", "a@example.com") is not None


async def test_a_taken_value_is_named_without_being_shown(adapter: MongoDBAdapter) -> None:
    user = await stored(adapter)
    second = await adapter.create_user(User(email="2@example.com"))
    email = "the e-mail is already taken"
    cases = [
        (adapter.create_user(User(id="u-1")), "the user id is already taken"),
        (adapter.create_user(User(email="1@example.com")), email),
        (adapter.update_user(second.id, {"email": "1@example.com"}), email),
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


async def test_an_index_of_yours_that_refuses_a_user_is_not_quoted(
    database: AsyncDatabase[Any], adapter: MongoDBAdapter
) -> None:
    await database["users"].create_index([("name", 1)], unique=True)
    await adapter.create_user(User(name="Ada"))
    with pytest.raises(AdapterError, match=f"^{VALUE_TAKEN}$"):
        await adapter.create_user(User(name="Ada"))


@pytest.mark.parametrize(
    ("details", "message"),
    [
        ({"errmsg": "E11000 ... index: email_1 dup key: { : 'x' }"}, "e-mail"),
        ({"errmsg": "E11000 ... index: _id_ dup key: { : 'x' }"}, "id"),
        ({"errmsg": "E11000 ... index: other_1 dup key: { : 'x' }"}, VALUE_TAKEN),
        (None, VALUE_TAKEN),
    ],
)
def test_a_server_that_names_only_the_index_is_understood(
    details: dict[str, Any] | None, message: str
) -> None:
    exc = DuplicateKeyError("x", 11000, details)
    assert refusal(exc, {"email": "e-mail", "_id": "id"}) == message


async def test_keys_never_change(adapter: MongoDBAdapter) -> None:
    user = await stored(adapter)
    with pytest.raises(ValueError, match="user's id"):
        await adapter.update_user("u-1", {"id": "u-2"})
    with pytest.raises(ValueError, match="passkey's id"):
        await adapter.update_authenticator("AQI1", {"credential_id": "x"})
    with pytest.raises(TypeError, match="no field 'nam'"):
        await adapter.update_user("u-1", {"nam": "x"})
    assert await adapter.update_user("u-1", {"id": "u-1"}) == user
    same = await adapter.update_authenticator("AQI1", {"credential_id": "AQI1"})
    assert same == passkey_of(user)


# --- as Auth.js keeps rows ------------------------------------------------------------------------


async def test_ids_are_object_ids_in_the_store_and_text_outside(authjs: MongoDBAdapter) -> None:
    chosen = str(ObjectId())
    assert (await authjs.create_user(User(id=chosen))).id == chosen
    other = await authjs.create_user(User(id="5b0a2f6e-0c0f-4c8e-8a53-0d3f4b0f3c11"))
    assert ObjectId.is_valid(other.id)
    assert await authjs.get_user(other.id) == other
    for unknown in ("x", "", chosen.upper(), chosen[:-1], f"{chosen}0"):
        expected = None if unknown != chosen else chosen
        assert await authjs.get_user(unknown) == expected


async def test_a_user_id_that_can_be_nobodys_owns_nothing(authjs: MongoDBAdapter) -> None:
    nobody = User(id="nobody")
    for refused in (
        authjs.link_account(account_of(nobody)),
        authjs.create_session(session_of(nobody)),
        authjs.create_authenticator(passkey_of(nobody)),
    ):
        with pytest.raises(AdapterError, match=r"^no such user$"):
            await refused
    assert await authjs.list_sessions_by_user_id("nobody") == []
    assert await authjs.delete_sessions_by_user_id("nobody") == 0
    await authjs.delete_user("nobody")


async def test_other_fields_of_an_account_lie_flat_and_are_replaced(
    authjs: MongoDBAdapter, sync_database: Database[Any]
) -> None:
    user = await authjs.create_user(User())
    account = account_of(user, extra={"team": "T1", "_id": "mine", "id": "x"})
    linked = await authjs.link_account(account)
    assert linked == replace(account, extra={"team": "T1"})
    (row,) = sync_database["accounts"].find({})
    assert row["team"] == "T1"
    assert "id" not in row
    assert isinstance(row["_id"], ObjectId)
    newer = replace(account, access_token="a-2", extra={"plan": "pro"})
    assert await authjs.update_account(replace(newer, user_id="x", type="oauth")) == newer
    assert AuthjsReader(sync_database).account("p", "1") == newer
    (again,) = sync_database["accounts"].find({})
    assert again["_id"] == row["_id"]
    assert "team" not in again


# --- failing half-way -----------------------------------------------------------------------------


@pytest.mark.parametrize("step", [1, 2, 3])
async def test_a_deletion_that_fails_is_finished_by_doing_it_again(
    adapter: MongoDBAdapter,
    sync_database: Database[Any],
    monkeypatch: pytest.MonkeyPatch,
    step: int,
) -> None:
    await stored(adapter)
    await failing_at(monkeypatch, adapter, step, lambda: adapter.delete_user("u-1"))
    assert await adapter.get_user("u-1") is None
    assert await adapter.get_user_by_email("1@example.com") is None
    assert await adapter.get_user_by_account("p", "1") is None
    assert await adapter.get_account("p", "1") is None
    assert await adapter.get_authenticator("AQI1") is None
    assert await adapter.get_session_and_user("s-1") is None
    await adapter.delete_user("u-1")
    left = {name: list(sync_database[name].find({})) for name in ("accounts", "authenticators")}
    assert left == {"accounts": [], "authenticators": []}
    assert list(sync_database["sessions"].find({})) == []


@pytest.mark.parametrize("naming", ["snake", "authjs"])
async def test_what_a_failed_deletion_left_blocks_nobody(
    database: AsyncDatabase[Any], monkeypatch: pytest.MonkeyPatch, naming: Any
) -> None:
    adapter = MongoDBAdapter(database, naming=naming)
    await adapter.create_schema()
    gone = await stored(adapter)
    await failing_at(monkeypatch, adapter, 1, lambda: adapter.delete_user(gone.id))
    heir = await adapter.create_user(User(email="1@example.com"))
    await adapter.link_account(account_of(heir))
    await adapter.create_authenticator(passkey_of(heir))
    await adapter.create_session(session_of(heir))
    await adapter.delete_user(gone.id)
    assert await adapter.get_user_by_account("p", "1") == heir
    assert await adapter.get_authenticator("AQI1") == passkey_of(heir)
    found = await adapter.get_session_and_user("s-1")
    assert found is not None
    assert found[1] == heir


@pytest.mark.parametrize("kind", ["account", "passkey"])
async def test_an_orphan_taken_over_meanwhile_is_left_to_its_new_owner(
    adapter: MongoDBAdapter, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    await stored(adapter)
    await failing_at(monkeypatch, adapter, 1, lambda: adapter.delete_user("u-1"))
    quick, slow = [await adapter.create_user(User()) for _ in range(2)]
    shelf: Any = adapter._accounts if kind == "account" else adapter._authenticators
    look = shelf._with_owners

    async def add(user: User) -> None:
        if kind == "account":
            await adapter.link_account(account_of(user))
        else:
            await adapter.create_authenticator(passkey_of(user))

    async def overtaken(*arguments: Any) -> Any:
        found = await look(*arguments)
        monkeypatch.undo()
        await add(quick)
        return found

    monkeypatch.setattr(shelf, "_with_owners", overtaken)
    with pytest.raises(AdapterError, match="already"):
        await add(slow)
    if kind == "account":
        assert await adapter.get_user_by_account("p", "1") == quick
    else:
        assert await adapter.get_authenticator("AQI1") == passkey_of(quick)


async def test_a_session_moved_on_while_expired_ones_are_deleted_stays(
    adapter: MongoDBAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stored(adapter)
    moved = LATER.replace(microsecond=0) + timedelta(days=2)
    look = adapter._sessions.all

    async def overtaken(*arguments: Any, **options: Any) -> Any:
        found = await look(*arguments, **options)
        await adapter.update_session("s-1", moved)
        return found

    monkeypatch.setattr(adapter._sessions, "all", overtaken)
    assert await adapter.delete_expired_sessions(LATER + timedelta(days=1), 5) == 1
    monkeypatch.undo()
    (left,) = await adapter.list_sessions_by_user_id("u-1")
    assert (left.session_token, left.expires) == ("s-1", moved)


# --- servers --------------------------------------------------------------------------------------


@pytest.fixture
def mortal() -> Iterator[Any]:
    with mongo_server() as server:
        yield server


async def _found_again(client: AsyncMongoClient[Any]) -> None:
    """Wait until the driver, which looks twice a second, has seen that the server is back."""
    for _ in range(40):
        with contextlib.suppress(PyMongoError):
            await client.admin.command("ping")
            return
    pytest.fail("the driver has not found the server again")


async def test_while_the_server_is_down_all_calls_fail_and_afterwards_they_work_again(
    mortal: Any,
) -> None:
    url = f"{mortal.url}/?serverSelectionTimeoutMS=500&connectTimeoutMS=500"
    async with AsyncMongoClient[Any](url) as client:
        adapter = MongoDBAdapter(client["app"])
        await adapter.create_schema()
        user = await stored(adapter)
        before = await adapter.get_session_and_user("s-1")
        mortal.stop()
        try:
            for failing in (
                adapter.get_session_and_user("s-1"),
                adapter.get_user_by_email("1@example.com"),
                adapter.use_verification_token("t-1", None),
                adapter.create_user(User()),
            ):
                with pytest.raises(PyMongoError):
                    await failing
        finally:
            mortal.start()
        await _found_again(client)
        assert await adapter.get_session_and_user("s-1") == before
        assert await adapter.get_user(user.id) == user
        assert await adapter.use_verification_token("t-1", None) is not None
