from __future__ import annotations

import inspect
import itertools
import json
import re
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import botocore.config
import botocore.session
import pytest
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import ClientError
from tests.adapters import emulators
from tests.adapters.calls import (
    LATER,
    account_of,
    calls,
    counted,
    passkey_of,
    session_of,
    sleeping_here,
    stored,
    token_of,
)

from authwire.adapters.dynamodb import DynamoDBAdapter
from authwire.errors import AdapterError
from authwire.models import Account, AdapterSession, Authenticator, User, VerificationToken
from authwire.testing.adapter_contract import AdapterContract

ROOT = Path(__file__).resolve().parent.parent.parent
T = TypeVar("T")
ACCESS: dict[str, Any] = {
    "region_name": "eu-central-1",
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
}
POOL = 60


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with emulators.dynamodb() as url:
        yield url


@pytest.fixture
def table() -> str:
    return f"authwire_test_{uuid.uuid4().hex}"


@pytest.fixture(scope="class")
async def client(endpoint: str) -> AsyncIterator[Any]:
    config = AioConfig(max_pool_connections=POOL)
    creating = get_session().create_client(
        "dynamodb", endpoint_url=endpoint, config=config, **ACCESS
    )
    async with creating as client:
        yield client


@pytest.fixture(scope="module")
def sync_client(endpoint: str) -> Iterator[Any]:
    config = botocore.config.Config(max_pool_connections=POOL)
    session = botocore.session.get_session()
    client = session.create_client("dynamodb", endpoint_url=endpoint, config=config, **ACCESS)
    yield client
    client.close()


class RawReader:
    """Reads items with the client alone."""

    def __init__(self, client: Any, table: str) -> None:
        self.client = client
        self.table = table

    async def item(self, pk: str, sk: str | None = None) -> dict[str, Any] | None:
        key = {"pk": {"S": pk}, "sk": {"S": pk if sk is None else sk}}
        asked = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        answer = await asked if inspect.isawaitable(asked) else asked
        return answer.get("Item")

    async def one(self, kind: type[T], pk: str, sk: str | None = None) -> T | None:
        item = await self.item(pk, sk)
        if item is None:
            return None
        bookkeeping = {"pk", "sk", "GSI1PK", "GSI1SK", "ttl"}
        return kind(**{k: _value(k, v) for k, v in item.items() if k not in bookkeeping})

    async def user(self, user_id: str) -> User | None:
        return await self.one(User, f"USER#{user_id}")

    async def account(self, provider: str, provider_account_id: str) -> Account | None:
        return await self.one(Account, f"ACCOUNT#{provider_account_id}", f"PROVIDER#{provider}")

    async def session(self, session_token: str) -> AdapterSession | None:
        return await self.one(AdapterSession, f"SESSION#{session_token}")

    async def verification_token(self, identifier: str, token: str) -> VerificationToken | None:
        return await self.one(VerificationToken, f"TOKEN#{token}", f"IDENTIFIER#{identifier}")

    async def authenticator(self, credential_id: str) -> Authenticator | None:
        return await self.one(Authenticator, f"AUTHENTICATOR#{credential_id}")


def _value(name: str, attribute: dict[str, Any]) -> Any:
    ((kind, raw),) = attribute.items()
    if kind == "NULL":
        return None
    if kind == "N":
        return int(Decimal(raw))
    if kind == "M":
        return {key: _value(key, value) for key, value in raw.items()}
    if kind == "L":
        return [_value("", value) for value in raw]
    return datetime.fromisoformat(raw) if name in ("expires", "email_verified") else raw


class TestDynamoDB(AdapterContract):
    @pytest.fixture
    async def adapter(self, client: Any, table: str) -> AsyncIterator[DynamoDBAdapter]:
        adapter = DynamoDBAdapter(client, table)
        await adapter.create_schema()
        yield adapter
        await client.delete_table(TableName=table)

    @pytest.fixture
    def store(self, client: Any, table: str) -> RawReader:
        return RawReader(client, table)


class TestDynamoDBSync(AdapterContract):
    callers = "threads"

    @pytest.fixture
    async def adapter(self, sync_client: Any, table: str) -> AsyncIterator[DynamoDBAdapter]:
        adapter = DynamoDBAdapter(sync_client, table)
        await adapter.create_schema()
        yield adapter
        sync_client.delete_table(TableName=table)

    @pytest.fixture
    def store(self, sync_client: Any, table: str) -> RawReader:
        return RawReader(sync_client, table)


# --- requests -------------------------------------------------------------------------------------

SENT = {
    "create_user": "TransactWriteItems",
    "create_user without an e-mail": "PutItem",
    "get_user": "GetItem",
    "get_user_by_email": "GetItem GetItem",
    "get_user_by_account": "GetItem GetItem",
    "update_user": "UpdateItem",
    "update_user with another e-mail": "GetItem TransactWriteItems",
    "link_account": "TransactWriteItems",
    "get_account": "GetItem",
    "update_account": "UpdateItem",
    "list_accounts_by_user_id": "Query",
    "unlink_account": "DeleteItem",
    "create_session": "TransactWriteItems",
    "get_session_and_user": "GetItem GetItem",
    "update_session": "UpdateItem",
    "list_sessions_by_user_id": "Query",
    "delete_session": "DeleteItem",
    "delete_sessions_by_user_id": "Query TransactWriteItems",
    "delete_expired_sessions": "Scan TransactWriteItems",
    "create_verification_token": "PutItem",
    "use_verification_token": "DeleteItem",
    "use_verification_token without an identifier": "Query TransactWriteItems",
    "delete_expired_verification_tokens": "Scan",
    "create_authenticator": "TransactWriteItems",
    "get_authenticator": "GetItem",
    "list_authenticators_by_user_id": "Query",
    "update_authenticator_counter": "UpdateItem",
    "update_authenticator": "UpdateItem",
    "delete_authenticator": "DeleteItem",
    "check_schema": "DescribeTable DescribeTimeToLive",
    "create_schema": "DescribeTable DescribeTimeToLive",
    "delete_user": "GetItem Query TransactWriteItems Query",
}
"""What each method sends. The page docs/adapters/dynamodb.md shows it."""


class Hooks:
    """Sees what a client sends, and can make it fail."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.seen: list[str] = []
        """Names of operations; tests clear it."""
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.fail_at: int | None = None
        self.before: Callable[[str], None] | None = None
        client.meta.events.register("before-call.dynamodb", self._note)

    def _note(self, model: Any, params: dict[str, Any], **_: Any) -> None:
        self.seen.append(model.name)
        self.requests.append((model.name, json.loads(params["body"])))
        if self.fail_at == len(self.seen):
            raise ConnectionError("the line is down")
        before, self.before = self.before, None  # what it sends itself is not its business
        if before is not None:
            try:
                before(model.name)
            finally:
                self.before = before

    def close(self) -> None:
        self.client.meta.events.unregister("before-call.dynamodb", self._note)


class Lagging:
    """A client whose index answers what it is told to."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.listed: list[dict[str, Any]] | None = None

    def query(self, **request: Any) -> Any:
        if self.listed is None or "IndexName" not in request:
            return self.client.query(**request)
        return {"Items": self.listed}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)


@pytest.fixture
def hooks(sync_client: Any) -> Iterator[Hooks]:
    hooks = Hooks(sync_client)
    yield hooks
    hooks.close()


@pytest.fixture
def lagging(sync_client: Any) -> Lagging:
    return Lagging(sync_client)


@pytest.fixture
def adapter(lagging: Lagging, table: str) -> Iterator[DynamoDBAdapter]:
    """With a sync client, whose methods never suspend."""
    adapter = DynamoDBAdapter(lagging, table)
    drive(adapter.create_schema())
    yield adapter
    lagging.delete_table(TableName=table)


def drive(coro: Any) -> Any:
    """Send once; a coroutine that suspends fails the test."""
    try:
        coro.send(None)
    except StopIteration as done:
        return done.value
    coro.close()
    raise AssertionError("a method suspended")


def items(client: Any, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.scan(TableName=table)["Items"]
    return found


def keys(client: Any, table: str) -> set[str]:
    return {item["pk"]["S"] for item in items(client, table)}


def test_every_method_sends_what_the_page_says(adapter: DynamoDBAdapter, hooks: Hooks) -> None:
    sent = drive(counted(adapter, hooks.seen))
    assert {name: " ".join(seen) for name, seen in sent.items()} == SENT


def test_the_page_shows_what_is_sent() -> None:
    page = (ROOT / "docs" / "adapters" / "dynamodb.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)`(?:, ([^|]+?))? *\| (\w[^|]*?) *\|$", page, re.MULTILINE)
    shown = {f"{method} {case}".strip(): requests for method, case, requests in rows}
    assert shown == {name: seen.replace(" ", ", ") for name, seen in SENT.items()}


def test_reads_are_consistent_but_for_those_of_the_index(
    adapter: DynamoDBAdapter, hooks: Hooks
) -> None:
    drive(counted(adapter, hooks.seen))
    reads = [sent for name, sent in hooks.requests if name in ("GetItem", "Query", "Scan")]
    assert len(reads) > 10
    for sent in reads:
        assert ("IndexName" in sent) != sent.get("ConsistentRead", False)


def test_many_rows_come_in_pages(adapter: DynamoDBAdapter, hooks: Hooks) -> None:
    user = drive(adapter.create_user(User()))
    large = [account_of(user, n, extra={"text": "x" * 300_000}) for n in range(5)]
    for account in large:
        drive(adapter.link_account(account))
    hooks.seen.clear()
    found = drive(adapter.list_accounts_by_user_id(user.id))
    assert sorted(found, key=lambda row: row.provider_account_id) == large
    assert hooks.seen == ["Query"] * 2


# --- a lagging index ------------------------------------------------------------------------------


def test_an_account_that_a_deleted_user_left_behind_can_be_linked_again(
    adapter: DynamoDBAdapter, lagging: Lagging, sync_client: Any, table: str
) -> None:
    old, user = drive(adapter.create_user(User())), drive(adapter.create_user(User()))
    drive(adapter.link_account(account_of(old)))
    lagging.listed = []
    drive(adapter.delete_user(old.id))
    lagging.listed = None
    assert "ACCOUNT#1" in keys(sync_client, table)
    assert drive(adapter.get_user_by_account("p", "1")) is None
    drive(adapter.link_account(account_of(user)))
    assert drive(adapter.get_user_by_account("p", "1")) == user
    assert drive(adapter.list_accounts_by_user_id(user.id)) == [account_of(user)]


def test_what_the_index_lists_by_mistake_stays(adapter: DynamoDBAdapter, lagging: Lagging) -> None:
    old, user = drive(adapter.create_user(User())), drive(adapter.create_user(User()))
    drive(adapter.link_account(account_of(old)))
    lagging.listed = drive(adapter._owned.items(old.id))
    drive(adapter.unlink_account("p", "1"))
    drive(adapter.link_account(account_of(user)))
    drive(adapter.delete_user(old.id))
    assert drive(adapter.get_user(old.id)) is None
    assert drive(adapter.get_user_by_account("p", "1")) == user


def test_sessions_that_are_gone_already_are_not_counted(
    adapter: DynamoDBAdapter, lagging: Lagging
) -> None:
    user = drive(adapter.create_user(User()))
    for n in range(3):
        drive(adapter.create_session(session_of(user, n)))
    lagging.listed = drive(adapter._owned.items(user.id))
    drive(adapter.delete_session("s-1"))
    assert drive(adapter.delete_sessions_by_user_id(user.id)) == 2


# --- failing half-way -----------------------------------------------------------------------------


def test_a_failing_write_leaves_nothing_behind(
    adapter: DynamoDBAdapter, hooks: Hooks, sync_client: Any, table: str
) -> None:
    user = drive(stored(adapter))
    before = items(sync_client, table)
    for call in calls(user):
        if not call.method.startswith(("create_", "link_", "update_")) or "schema" in call.method:
            continue
        hooks.seen.clear()
        hooks.fail_at = len(SENT[str(call)].split())
        with pytest.raises(ConnectionError):
            drive(getattr(adapter, call.method)(*call.args))
        hooks.fail_at = None
        assert items(sync_client, table) == before, call


def test_a_user_with_many_rows_is_deleted_in_steps_that_can_be_repeated(
    adapter: DynamoDBAdapter, hooks: Hooks, sync_client: Any, table: str
) -> None:
    user = drive(stored(adapter))
    add_sessions(sync_client, table, 250)
    failures = 0
    while True:
        hooks.seen.clear()
        hooks.fail_at = failures + 1
        try:
            drive(adapter.delete_user(user.id))
        except ConnectionError:
            failures += 1
        else:
            break
        finally:
            hooks.fail_at = None
        # Whole or gone, with its address.
        found = drive(adapter.get_user(user.id))
        assert found == drive(adapter.get_user_by_email("1@example.com"))
        linked = drive(adapter.get_account("p", "1")) is not None
        assert linked == (found is not None)
    assert failures >= 5
    assert keys(sync_client, table) == {"TOKEN#t-1"}


def add_sessions(client: Any, table: str, count: int) -> None:
    key = {"pk": {"S": "SESSION#s-1"}, "sk": {"S": "SESSION#s-1"}}
    item = client.get_item(TableName=table, Key=key)["Item"]
    names = [{"S": f"SESSION#more-{n}"} for n in range(count)]
    more = [item | dict.fromkeys(("pk", "sk", "GSI1SK"), name) for name in names]
    for start in range(0, count, 25):
        puts = [{"PutRequest": {"Item": item}} for item in more[start : start + 25]]
        client.batch_write_item(RequestItems={table: puts})


def test_more_than_a_hundred_sessions_are_deleted_and_counted(
    adapter: DynamoDBAdapter, sync_client: Any, table: str
) -> None:
    user = drive(stored(adapter))
    add_sessions(sync_client, table, 130)
    assert drive(adapter.delete_sessions_by_user_id(user.id, "s-1")) == 131
    assert drive(adapter.list_sessions_by_user_id(user.id)) == [session_of(user)]


# --- at the same time -----------------------------------------------------------------------------


def test_an_address_that_moves_meanwhile_is_moved_from_where_it_is(
    adapter: DynamoDBAdapter, hooks: Hooks, sync_client: Any, table: str
) -> None:
    user = drive(adapter.create_user(User(email="a@example.com")))

    def move(name: str) -> None:
        if name == "TransactWriteItems" and hooks.seen.count(name) == 1:
            drive(adapter.update_user(user.id, {"email": "b@example.com"}))

    hooks.seen.clear()
    hooks.before = move
    moved = drive(adapter.update_user(user.id, {"email": "c@example.com"}))
    assert moved == replace(user, email="c@example.com")
    assert keys(sync_client, table) == {f"USER#{user.id}", "EMAIL#c@example.com"}


@pytest.mark.parametrize("method", ["update_user", "delete_user"])
def test_a_user_that_never_rests_is_given_up(
    adapter: DynamoDBAdapter, hooks: Hooks, method: str
) -> None:
    user = drive(adapter.create_user(User(email="0@example.com")))
    addresses = (f"{n}@example.com" for n in itertools.count(1))

    def move(name: str) -> None:
        if name == "TransactWriteItems":
            drive(adapter.update_user(user.id, {"email": next(addresses)}))

    hooks.before = move
    args = ({"email": "secret@example.com"},) if method == "update_user" else ()
    with pytest.raises(AdapterError, match="being changed by others all the time"):
        drive(getattr(adapter, method)(user.id, *args))
    hooks.before = None
    assert drive(adapter.get_user(user.id)) is not None


def conflict(operation: str) -> ClientError:
    if operation != "TransactWriteItems":
        return ClientError({"Error": {"Code": "TransactionConflictException"}}, operation)
    reasons = [{"Code": "None"}, {"Code": "TransactionConflict"}]
    answer = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
    return ClientError(answer, operation)


@pytest.mark.parametrize("email", [None, "a@example.com"])
def test_a_write_waits_for_transactions_of_others(
    adapter: DynamoDBAdapter, hooks: Hooks, monkeypatch: pytest.MonkeyPatch, email: str | None
) -> None:
    pauses = sleeping_here(monkeypatch)

    def busy(name: str) -> None:
        if len(hooks.seen) <= 3:
            raise conflict(name)

    hooks.seen.clear()
    hooks.before = busy
    drive(adapter.create_user(User(id="u-1", email=email)))
    hooks.before = None
    assert drive(adapter.get_user("u-1")) == User(id="u-1", email=email)
    assert len(pauses) == 3
    assert all(0 <= pause <= 0.1 for pause in pauses)


def test_a_write_gives_up_on_endless_transactions_of_others(
    adapter: DynamoDBAdapter, hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleeping_here(monkeypatch)

    def busy(name: str) -> None:
        raise conflict(name)

    hooks.seen.clear()
    hooks.before = busy
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        drive(adapter.create_user(User(email="a@example.com")))
    assert hooks.seen == ["TransactWriteItems"] * 9


@pytest.mark.anyio
async def test_the_event_loop_runs_on_while_a_write_waits(
    endpoint: str, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = sleeping_here(monkeypatch)
    creating = get_session().create_client("dynamodb", endpoint_url=endpoint, **ACCESS)
    async with creating as client:
        adapter = DynamoDBAdapter(client, table)
        await adapter.create_schema()
        failing = iter([conflict("TransactWriteItems")])

        def busy(model: Any, **_: Any) -> None:
            if error := next(failing, None):
                raise error

        client.meta.events.register("before-call.dynamodb", busy)
        await adapter.create_user(User(id="u-1", email="a@example.com"))
        assert await adapter.get_user("u-1") == User(id="u-1", email="a@example.com")
        assert not pauses
        await client.delete_table(TableName=table)


# --- rows -----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"
    joined: datetime | None = None
    tags: list[str] = field(default_factory=list)
    score: float = 0.5
    settings: dict[str, Any] = field(default_factory=dict)
    picture: bytes = b""


def test_fields_of_your_own_are_kept(adapter: DynamoDBAdapter, lagging: Any, table: str) -> None:
    members = DynamoDBAdapter(lagging, table, user=Member)
    created = drive(
        members.create_user(
            Member(
                role="admin",
                joined=LATER,
                tags=["a", "ü"],
                score=1.25,
                settings={"dark": True, "sizes": [1, 2.5, None]},
                picture=b"\x00\xff",
            )
        )
    )
    assert drive(members.get_user(created.id)) == created
    changed = drive(members.update_user(created.id, {"role": "owner", "email": "a@example.com"}))
    assert changed == replace(created, role="owner", email="a@example.com")
    assert drive(members.get_user_by_email("a@example.com")) == changed
    # Others read the fields that they know.
    assert drive(adapter.get_user(created.id)) == User(id=created.id, email="a@example.com")


@dataclass(frozen=True, kw_only=True)
class Timed(User):
    ttl: int = 0


@dataclass(frozen=True, kw_only=True)
class Odd(User):
    colours: Any = None


def test_a_field_named_like_what_rows_need_is_refused(lagging: Any, table: str) -> None:
    with pytest.raises(TypeError, match="Timed cannot have a field 'ttl'"):
        DynamoDBAdapter(lagging, table, user=Timed)


def test_a_value_that_has_no_type_is_refused(adapter: Any, lagging: Any, table: str) -> None:
    odd = DynamoDBAdapter(lagging, table, user=Odd)
    with pytest.raises(TypeError, match="cannot keep a set"):
        drive(odd.create_user(Odd(colours={"secret"})))


def test_a_time_without_a_time_zone_is_refused(adapter: DynamoDBAdapter) -> None:
    naive = User(email_verified=datetime(2030, 1, 1))  # noqa: DTZ001  # the point of the test
    with pytest.raises(ValueError, match="without a time zone"):
        drive(adapter.create_user(naive))


def test_microseconds_are_kept(adapter: DynamoDBAdapter) -> None:
    user = drive(adapter.create_user(User(email_verified=LATER)))
    assert drive(adapter.get_user(user.id)).email_verified == LATER


@pytest.mark.parametrize("moved", [None, LATER + timedelta(days=30)])
def test_rows_that_expire_say_so_in_whole_seconds(
    adapter: DynamoDBAdapter, sync_client: Any, table: str, moved: datetime | None
) -> None:
    drive(stored(adapter))
    if moved:
        for token in ("s-1", "s-101"):
            drive(adapter.update_session(token, moved))
    found = {item["pk"]["S"].split("#")[0]: item.get("ttl") for item in items(sync_client, table)}
    session = str(int((moved or LATER).timestamp()) + 1)
    assert found == {
        "USER": None,
        "EMAIL": None,
        "ACCOUNT": None,
        "AUTHENTICATOR": None,
        "SESSION": {"N": session},
        "TOKEN": {"N": str(int(LATER.timestamp()) + 1)},
    }


def test_values_of_any_length_find_their_rows(adapter: DynamoDBAdapter) -> None:
    long = "é" * 3000
    user = drive(adapter.create_user(User(id=long, email=f"{long}@example.com")))
    account = account_of(user, provider=long, provider_account_id=long)
    session = replace(session_of(user), session_token=long)
    token = VerificationToken(identifier=long, token=long, expires=LATER)
    drive(adapter.link_account(account))
    drive(adapter.create_session(session))
    drive(adapter.create_verification_token(token))
    assert drive(adapter.get_user(f"{long}x")) is None
    assert drive(adapter.get_user_by_email(user.email)) == user
    assert drive(adapter.get_user_by_account(long, long)) == user
    assert drive(adapter.get_session_and_user(long)) == (session, user)
    assert drive(adapter.list_sessions_by_user_id(long)) == [session]
    assert drive(adapter.use_verification_token(long, None)) == token
    drive(adapter.delete_user(long))
    assert drive(adapter.get_session_and_user(long)) is None


def test_a_token_alone_takes_out_all_rows_that_have_it(
    adapter: DynamoDBAdapter, sync_client: Any, table: str
) -> None:
    rows = [replace(token_of(), identifier=f"{n}@example.com") for n in range(3)]
    for row in rows:
        drive(adapter.create_verification_token(row))
    assert drive(adapter.use_verification_token("t-1", None)) in rows
    assert items(sync_client, table) == []


# --- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["secret@example.com", None])
def test_a_taken_user_id_is_named(adapter: DynamoDBAdapter, email: str | None) -> None:
    drive(adapter.create_user(User(id="secret-id")))
    refused(adapter.create_user(User(id="secret-id", email=email)), "the user id is already taken")
    assert drive(adapter.get_user_by_email("secret@example.com")) is None


def test_a_taken_value_is_named_without_being_shown(adapter: DynamoDBAdapter) -> None:
    user = drive(stored(adapter))
    other = drive(adapter.create_user(User()))
    taken = "the e-mail is already taken"
    refused(adapter.create_user(User(email=user.email)), taken)
    refused(adapter.update_user(other.id, {"email": user.email}), taken)
    refused(adapter.link_account(account_of(other)), "the account is already linked")
    refused(adapter.link_account(account_of(user)), "the account is already linked")
    refused(adapter.create_session(session_of(other)), "the session token is already taken")
    refused(
        adapter.create_verification_token(token_of()), "the verification token is already taken"
    )
    refused(adapter.create_authenticator(passkey_of(other)), "the credential id is already taken")


def test_rows_of_an_unknown_user_are_refused(
    adapter: DynamoDBAdapter, sync_client: Any, table: str
) -> None:
    nobody = User(id="nobody")
    refused(adapter.link_account(account_of(nobody)), "no such user")
    refused(adapter.create_session(session_of(nobody)), "no such user")
    refused(adapter.create_authenticator(passkey_of(nobody)), "no such user")
    assert items(sync_client, table) == []


def refused(coro: Any, message: str) -> None:
    with pytest.raises(AdapterError) as caught:
        drive(coro)
    assert str(caught.value) == message
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_updates_refuse_unknown_fields_and_another_id(adapter: DynamoDBAdapter) -> None:
    user = drive(stored(adapter))
    with pytest.raises(TypeError, match="no field 'nam'"):
        drive(adapter.update_user(user.id, {"name": "x", "nam": "x"}))
    with pytest.raises(ValueError, match="a user's id cannot change"):
        drive(adapter.update_user(user.id, {"id": "2"}))
    with pytest.raises(ValueError, match="a passkey's id cannot change"):
        drive(adapter.update_authenticator("AQI1", {"credential_id": "2"}))
    assert drive(adapter.get_user(user.id)) == user
    assert drive(adapter.update_authenticator("AQI1", {})) == passkey_of(user)


def test_other_errors_are_those_of_the_driver(lagging: Any, table: str) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        drive(DynamoDBAdapter(lagging, table).get_user("secret"))


def test_a_missing_aiobotocore_names_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name.startswith("authwire.adapters.dynamodb"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "aiobotocore", None)
    with pytest.raises(ImportError, match=r"pip install 'authwire\[dynamodb\]'"):
        __import__("authwire.adapters.dynamodb")


# --- schema ---------------------------------------------------------------------------------------


def test_a_missing_table_is_named(lagging: Any, table: str) -> None:
    assert drive(DynamoDBAdapter(lagging, table).check_schema()) == [
        f"the table {table} is missing"
    ]


def make_table(client: Any, table: str, *names: str) -> None:
    kinds = ("HASH", "RANGE")
    client.create_table(
        TableName=table,
        KeySchema=[
            {"AttributeName": name, "KeyType": kind}
            for name, kind in zip(names, kinds, strict=False)
        ],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        BillingMode="PAY_PER_REQUEST",
    )


def test_a_missing_index_and_time_to_live_are_named_and_added(sync_client: Any, table: str) -> None:
    make_table(sync_client, table, "pk", "sk")
    adapter = DynamoDBAdapter(sync_client, table)
    assert drive(adapter.check_schema()) == [
        f"the index GSI1 on GSI1PK and GSI1SK of the table {table} is missing",
        f"the table {table} has no time-to-live on the attribute ttl",
    ]
    drive(adapter.create_schema())
    assert drive(adapter.check_schema()) == []
    user = drive(stored(adapter))
    assert len(drive(adapter.list_sessions_by_user_id(user.id))) == 2
    sync_client.delete_table(TableName=table)


def test_a_table_with_other_keys_is_named(sync_client: Any, table: str) -> None:
    make_table(sync_client, table, "id")
    problems = drive(DynamoDBAdapter(sync_client, table).check_schema())
    assert problems[0] == f"the table {table} has other keys than pk and sk"
    sync_client.delete_table(TableName=table)


def test_the_service_drops_expired_rows(adapter: Any, sync_client: Any, table: str) -> None:
    found = sync_client.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    assert found == {"AttributeName": "ttl", "TimeToLiveStatus": "ENABLED"}


def test_a_table_that_another_process_makes_is_fine(
    adapter: DynamoDBAdapter, sync_client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("authwire.adapters.dynamodb.schema._describe", nothing)
    drive(adapter.create_schema())


async def nothing(_table: Any) -> None:
    """As if the table were not there yet."""


# --- io -------------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_io_tells_which_client_is_inside(endpoint: str, sync_client: Any) -> None:
    assert DynamoDBAdapter(sync_client).io == "blocking"
    creating = get_session().create_client("dynamodb", endpoint_url=endpoint, **ACCESS)
    async with creating as client:
        adapter = DynamoDBAdapter(client)
        assert adapter.io == "async"
        assert adapter.shared_with_authjs is False
