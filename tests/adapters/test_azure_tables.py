from __future__ import annotations

import contextlib
import hashlib
import inspect
import itertools
import json
import re
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import anyio
import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.core.pipeline.transport import RequestsTransport
from azure.data.tables import TableClient
from azure.data.tables.aio import TableClient as AsyncTableClient
from tests.adapters import emulators
from tests.adapters.calls import (
    LATER,
    account_of,
    counted,
    passkey_of,
    session_of,
    stored,
    token_of,
)

from authwire.adapters.azure_tables import AzureTablesAdapter
from authwire.errors import AdapterError
from authwire.models import Account, AdapterSession, Authenticator, User, VerificationToken
from authwire.testing.adapter_contract import AdapterContract

ROOT = Path(__file__).resolve().parent.parent.parent
T = TypeVar("T")
pytestmark = pytest.mark.needs_node


@pytest.fixture(scope="module")
def connection(node_dir: Path) -> Iterator[str]:
    with emulators.azure_tables(node_dir) as text:
        yield text


@pytest.fixture
def table() -> str:
    return f"authwiretest{uuid.uuid4().hex}"


@pytest.fixture
async def client(connection: str, table: str) -> AsyncIterator[AsyncTableClient]:
    async with AsyncTableClient.from_connection_string(connection, table) as client:
        yield client


@pytest.fixture
def sync_client(connection: str, table: str) -> Iterator[TableClient]:
    with TableClient.from_connection_string(connection, table) as client:
        yield client


def digest(*values: str) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


class RawReader:
    """Reads entities with the client alone."""

    def __init__(self, client: Any) -> None:
        self.client = client

    async def entity(self, partition: str, row: str) -> dict[str, Any] | None:
        try:
            asked = self.client.get_entity(partition, row)
            return await asked if inspect.isawaitable(asked) else asked
        except ResourceNotFoundError:
            return None

    async def led_to(self, kind: type[T], claim: str) -> T | None:
        """What a claim leads to."""
        found = await self.entity(claim, "claim")
        return found and await self.row(kind, f"user-{digest(found['user_id'])}", claim)

    async def row(self, kind: type[T], partition: str, row: str) -> T | None:
        entity = await self.entity(partition, row)
        if entity is None:
            return None
        types = dict(item.split(":")[:2] for item in entity.pop("types").split())
        values = dict.fromkeys(types)
        for name, value in entity.items():
            if name not in ("PartitionKey", "RowKey"):
                values[name] = json.loads(value) if types.get(name) == "json" else value
        return kind(**{name: getattr(value, "value", value) for name, value in values.items()})

    async def user(self, user_id: str) -> User | None:
        return await self.row(User, f"user-{digest(user_id)}", "user")

    async def account(self, provider: str, provider_account_id: str) -> Account | None:
        return await self.led_to(Account, f"account-{digest(provider, provider_account_id)}")

    async def session(self, session_token: str) -> AdapterSession | None:
        return await self.led_to(AdapterSession, f"session-{digest(session_token)}")

    async def verification_token(self, identifier: str, token: str) -> VerificationToken | None:
        return await self.row(VerificationToken, f"token-{digest(token)}", digest(identifier))

    async def authenticator(self, credential_id: str) -> Authenticator | None:
        return await self.led_to(Authenticator, f"passkey-{digest(credential_id)}")


class TestAzureTables(AdapterContract):
    @pytest.fixture
    async def adapter(self, client: AsyncTableClient) -> AsyncIterator[AzureTablesAdapter]:
        adapter = AzureTablesAdapter(client)
        await adapter.create_schema()
        yield adapter
        await client.delete_table()

    @pytest.fixture
    def store(self, client: AsyncTableClient) -> RawReader:
        return RawReader(client)


class TestAzureTablesSync(AdapterContract):
    callers = "threads"

    @pytest.fixture
    async def adapter(self, sync_client: TableClient) -> AsyncIterator[AzureTablesAdapter]:
        adapter = AzureTablesAdapter(sync_client)
        await adapter.create_schema()
        yield adapter
        sync_client.delete_table()

    @pytest.fixture
    def store(self, sync_client: TableClient) -> RawReader:
        return RawReader(sync_client)


# --- requests -------------------------------------------------------------------------------------

SENT = {
    "create_user": "batch batch",
    "create_user without an e-mail": "batch",
    "get_user": "get",
    "get_user_by_email": "get get",
    "get_user_by_account": "get query",
    "update_user": "get batch",
    "update_user with another e-mail": "get get batch batch batch",
    "link_account": "batch batch",
    "get_account": "get get",
    "update_account": "get get batch",
    "list_accounts_by_user_id": "query",
    "unlink_account": "get get batch batch",
    "create_session": "batch batch",
    "get_session_and_user": "get query",
    "update_session": "get get batch",
    "list_sessions_by_user_id": "query",
    "delete_session": "get get batch batch",
    "delete_sessions_by_user_id": "query get batch batch",
    "delete_expired_sessions": "query get batch batch",
    "create_verification_token": "batch",
    "use_verification_token": "get batch",
    "use_verification_token without an identifier": "query batch",
    "delete_expired_verification_tokens": "query",
    "create_authenticator": "batch batch",
    "get_authenticator": "get get",
    "list_authenticators_by_user_id": "query",
    "update_authenticator_counter": "get get batch",
    "update_authenticator": "get get batch",
    "delete_authenticator": "get get batch batch",
    "check_schema": "get",
    "create_schema": "create",
    "delete_user": "query get get get batch batch batch batch",
}
"""What each method sends. The page docs/adapters/azure-tables.md shows it."""


class Line(RequestsTransport):
    """Sees what a client sends, and can make it fail."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        """Tests clear it."""
        self.fail_at: int | None = None
        self.before: Callable[[], None] | None = None

    def send(self, request: Any, **kwargs: Any) -> Any:
        self.seen.append(_kind(request))
        if self.fail_at == len(self.seen):
            raise ConnectionError("the line is down")
        before, self.before = self.before, None  # what it sends itself is not its business
        if before is not None:
            try:
                before()
            finally:
                self.before = before
        return super().send(request, **kwargs)


def _kind(request: Any) -> str:
    path = urlsplit(request.url).path
    if path.endswith("$batch"):
        return "batch"
    if request.method == "POST":
        return "create"
    return "get" if "RowKey=" in unquote(path) else "query"


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def adapter(
    connection: str, table: str, line: Line, impatient: None
) -> Iterator[AzureTablesAdapter]:
    """With a sync client, whose methods never suspend."""
    with TableClient.from_connection_string(connection, table, transport=line) as client:
        adapter = AzureTablesAdapter(client)
        drive(adapter.create_schema())
        yield adapter
        client.delete_table()


@pytest.fixture
def other(adapter: Any, sync_client: TableClient) -> AzureTablesAdapter:
    """Another process at the same table."""
    return AzureTablesAdapter(sync_client)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("authwire.adapters.azure_tables.claims._PAUSES", (0.001,))


def drive(coro: Any) -> Any:
    """Send once; a coroutine that suspends fails the test."""
    try:
        coro.send(None)
    except StopIteration as done:
        return done.value
    coro.close()
    raise AssertionError("a method suspended")


def at(line: Line, number: int, do: Callable[[], Any]) -> None:
    """Do something just before the request of this number."""
    line.seen.clear()

    def before() -> None:
        if len(line.seen) == number:
            do()

    line.before = before


def rows(client: TableClient) -> list[str]:
    return sorted(entity["RowKey"].partition("-")[0] for entity in client.list_entities())


def test_every_method_sends_what_the_page_says(adapter: AzureTablesAdapter, line: Line) -> None:
    sent = drive(counted(adapter, line.seen))
    assert {name: " ".join(seen) for name, seen in sent.items()} == SENT


def test_the_page_shows_what_is_sent() -> None:
    page = (ROOT / "docs" / "adapters" / "azure-tables.md").read_text("utf-8")
    found = re.findall(r"^\| `(\w+)`(?:, ([^|]+?))? *\| (\w[^|]*?) *\|$", page, re.MULTILINE)
    shown = {f"{method} {case}".strip(): requests for method, case, requests in found}
    assert shown == {name: seen.replace(" ", ", ") for name, seen in SENT.items()}


# --- half-way -------------------------------------------------------------------------------------


def test_an_address_is_free_if_storing_its_user_failed(
    adapter: AzureTablesAdapter, other: AzureTablesAdapter, line: Line, sync_client: TableClient
) -> None:
    for number in (1, 2):
        line.seen.clear()
        line.fail_at = number
        with pytest.raises(ConnectionError):
            drive(adapter.create_user(User(id=f"lost-{number}", email="a@example.com")))
        assert drive(other.get_user_by_email("a@example.com")) is None
        assert drive(other.get_user(f"lost-{number}")) is None
    assert rows(sync_client) == ["claim"]
    user = drive(other.create_user(User(email="a@example.com")))
    assert drive(other.get_user_by_email("a@example.com")) == user
    line.fail_at = None
    refused(adapter.create_user(User(email="a@example.com")), "the e-mail is already taken")


def test_a_user_whose_address_was_taken_over_meanwhile_is_not_stored(
    adapter: AzureTablesAdapter, other: AzureTablesAdapter, line: Line
) -> None:
    late = User(id="late", email="a@example.com")
    quick = User(id="quick", email="a@example.com")
    at(line, 2, lambda: drive(other.create_user(quick)))
    refused(adapter.create_user(late), "the e-mail is already taken")
    assert drive(other.get_user("late")) is None
    assert drive(other.get_user_by_email("a@example.com")) == quick


def test_a_user_that_was_stopped_can_be_stored_later(
    adapter: AzureTablesAdapter, other: AzureTablesAdapter, line: Line
) -> None:
    late = User(id="late", email="a@example.com")
    quick = User(id="quick", email="a@example.com")
    at(line, 2, lambda: drive(other.create_user(quick)))
    refused(adapter.create_user(late), "the e-mail is already taken")
    line.before = None
    drive(adapter.delete_user("quick"))
    assert drive(adapter.create_user(late)) == late
    assert drive(other.get_user_by_email("a@example.com")) == late


def test_a_user_is_stored_if_whoever_wants_the_address_too_is_late(
    adapter: AzureTablesAdapter, other: AzureTablesAdapter, line: Line
) -> None:
    """The other has stopped nobody yet when the first one is done."""
    first, second = User(id="1", email="a@example.com"), User(id="2", email="a@example.com")
    line.seen.clear()
    line.fail_at = 2
    with pytest.raises(ConnectionError):
        drive(adapter.create_user(first))
    line.fail_at = None
    # 1 claims, 2 reads the claim, 3 and 4 look for the user, 5 puts the stone.
    at(line, 5, lambda: drive(other.create_user(first)))
    refused(adapter.create_user(second), "the e-mail is already taken")
    assert drive(other.get_user_by_email("a@example.com")) == first


@pytest.mark.parametrize("number", range(1, 6))
def test_a_user_has_one_address_wherever_moving_it_fails(
    adapter: AzureTablesAdapter, other: AzureTablesAdapter, line: Line, number: int
) -> None:
    user = drive(adapter.create_user(User(email="old@example.com")))
    line.seen.clear()
    line.fail_at = number
    with pytest.raises(ConnectionError):
        drive(adapter.update_user(user.id, {"email": "new@example.com"}))
    line.fail_at = None
    user = drive(other.get_user(user.id))
    free = {"old@example.com", "new@example.com"} - {user.email}
    assert drive(other.get_user_by_email(user.email)) == user
    for email in free:
        assert drive(other.get_user_by_email(email)) is None
        second = drive(other.create_user(User(email=email)))
        assert drive(other.get_user_by_email(email)) == second
    refused(other.create_user(User(email=user.email)), "the e-mail is already taken")


def test_an_address_that_was_taken_over_meanwhile_is_not_moved_to(
    adapter: AzureTablesAdapter, other: AzureTablesAdapter, line: Line
) -> None:
    user = drive(adapter.create_user(User(email="old@example.com")))
    quick = User(id="quick", email="new@example.com")
    at(line, 4, lambda: drive(other.create_user(quick)))
    refused(
        adapter.update_user(user.id, {"email": "new@example.com"}), "the e-mail is already taken"
    )
    assert drive(other.get_user(user.id)) == user
    assert drive(other.get_user_by_email("old@example.com")) == user
    assert drive(other.get_user_by_email("new@example.com")) == quick


def test_an_address_that_comes_back_meanwhile_keeps_its_claim(
    adapter: AzureTablesAdapter, other: AzureTablesAdapter, line: Line
) -> None:
    user = drive(adapter.create_user(User(email="old@example.com")))
    # Before the old claim is deleted, the user gets the old address again.
    at(line, 5, lambda: drive(other.update_user(user.id, {"email": "old@example.com"})))
    drive(adapter.update_user(user.id, {"email": "new@example.com"}))
    assert drive(other.get_user_by_email("old@example.com")) == user
    refused(other.create_user(User(email="old@example.com")), "the e-mail is already taken")


@pytest.mark.parametrize("number", [1, 2])
def test_an_account_is_free_if_linking_it_failed(
    adapter: AzureTablesAdapter, other: AzureTablesAdapter, line: Line, number: int
) -> None:
    lost, user = drive(adapter.create_user(User())), drive(adapter.create_user(User()))
    line.seen.clear()
    line.fail_at = number
    with pytest.raises(ConnectionError):
        drive(adapter.link_account(account_of(lost)))
    line.fail_at = None
    assert drive(other.get_account("p", "1")) is None
    assert drive(other.get_user_by_account("p", "1")) is None
    assert drive(other.list_accounts_by_user_id(lost.id)) == []
    drive(other.link_account(account_of(user)))
    assert drive(other.get_user_by_account("p", "1")) == user


def test_who_was_stopped_at_linking_can_link_later(
    adapter: AzureTablesAdapter, other: AzureTablesAdapter, line: Line
) -> None:
    late, quick = drive(adapter.create_user(User())), drive(adapter.create_user(User()))
    at(line, 2, lambda: drive(other.link_account(account_of(quick))))
    refused(adapter.link_account(account_of(late)), "the account is already linked")
    line.before = None
    assert drive(other.get_user_by_account("p", "1")) == quick
    assert drive(other.list_accounts_by_user_id(late.id)) == []
    drive(adapter.unlink_account("p", "1"))
    drive(adapter.link_account(account_of(late)))
    assert drive(other.get_user_by_account("p", "1")) == late
    assert drive(other.list_accounts_by_user_id(late.id)) == [account_of(late)]


def test_a_user_with_many_rows_is_deleted_in_steps_that_can_be_repeated(
    adapter: AzureTablesAdapter, other: AzureTablesAdapter, line: Line, sync_client: TableClient
) -> None:
    user = drive(stored(adapter))
    add_sessions(sync_client, 130)
    for number in (1, 5, 90, 104, 105, 140, 206, 215, 245):
        line.seen.clear()
        line.fail_at = number
        with contextlib.suppress(ConnectionError):
            drive(adapter.delete_user(user.id))
        # Whole or gone, with its address.
        found = drive(other.get_user(user.id))
        assert found == drive(other.get_user_by_email("1@example.com"))
        linked = drive(other.get_user_by_account("p", "1"))
        assert linked == found
    line.fail_at = None
    drive(adapter.delete_user(user.id))
    assert drive(other.get_user(user.id)) is None
    again = drive(other.create_user(User(email="1@example.com")))
    drive(other.link_account(account_of(again)))
    assert drive(other.get_user_by_account("p", "1")) == again


def add_sessions(client: TableClient, count: int) -> None:
    """Copies of a session; they have no claims, as if those were lost."""
    row = next(row for row in client.list_entities() if row["RowKey"].startswith("session-"))
    more = [{**row, "RowKey": f"session-{n:064x}", "session_token": f"x-{n}"} for n in range(count)]
    for start in range(0, count, 100):
        client.submit_transaction([("create", row) for row in more[start : start + 100]])


def test_nothing_is_left_of_a_deleted_user(
    adapter: AzureTablesAdapter, sync_client: TableClient
) -> None:
    user = drive(stored(adapter))
    drive(adapter.use_verification_token("t-1", None))
    drive(adapter.delete_user(user.id))
    assert rows(sync_client) == []


def test_more_than_a_hundred_sessions_are_deleted_and_counted(
    adapter: AzureTablesAdapter, sync_client: TableClient
) -> None:
    user = drive(stored(adapter))
    add_sessions(sync_client, 130)
    assert drive(adapter.delete_sessions_by_user_id(user.id, "s-1")) == 131
    assert drive(adapter.list_sessions_by_user_id(user.id)) == [session_of(user)]


# --- at the same time -----------------------------------------------------------------------------


def test_a_session_that_comes_while_its_user_is_deleted_goes_too(
    adapter: AzureTablesAdapter, other: AzureTablesAdapter, line: Line, sync_client: TableClient
) -> None:
    user = drive(adapter.create_user(User()))
    at(line, 2, lambda: drive(other.create_session(session_of(user))))
    drive(adapter.delete_user(user.id))
    assert line.seen == ["query", "batch", "query", "get", "batch", "batch"]
    assert rows(sync_client) == []


def test_a_session_that_is_deleted_meanwhile_is_counted_once(
    adapter: AzureTablesAdapter, other: AzureTablesAdapter, line: Line
) -> None:
    user = drive(adapter.create_user(User()))
    for n in range(3):
        drive(adapter.create_session(session_of(user, n)))
    at(line, 5, lambda: drive(other.delete_session("s-1")))
    assert drive(adapter.delete_sessions_by_user_id(user.id)) == 2


def test_a_session_that_is_rolled_on_meanwhile_is_not_expired(
    adapter: AzureTablesAdapter, other: AzureTablesAdapter, line: Line
) -> None:
    user = drive(adapter.create_user(User()))
    drive(adapter.create_session(session_of(user)))
    later = LATER + timedelta(days=1)
    at(line, 3, lambda: drive(other.update_session("s-1", later)))
    assert drive(adapter.delete_expired_sessions(LATER + timedelta(seconds=1))) == 0
    assert drive(adapter.list_sessions_by_user_id(user.id))[0].expires == later


def test_changes_at_the_same_time_are_both_kept(
    adapter: AzureTablesAdapter, other: AzureTablesAdapter, line: Line
) -> None:
    user = drive(stored(adapter))
    at(line, 2, lambda: drive(other.update_user(user.id, {"image": "i"})))
    both = replace(user, name="n", image="i")
    assert drive(adapter.update_user(user.id, {"name": "n"})) == both
    at(line, 3, lambda: drive(other.update_authenticator_counter("AQI1", 7)))
    named = replace(passkey_of(user), counter=7, name="Key")
    assert drive(adapter.update_authenticator("AQI1", {"name": "Key"})) == named
    at(line, 3, lambda: drive(other.update_authenticator_counter("AQI1", 8)))
    assert drive(adapter.delete_authenticator("AQI1")) == replace(named, counter=8)


def test_a_row_that_never_rests_is_given_up(
    adapter: AzureTablesAdapter, other: AzureTablesAdapter, line: Line
) -> None:
    user = drive(adapter.create_user(User(email="a@example.com")))
    numbers = itertools.count()

    def change() -> None:
        if line.seen[-1] == "batch":
            drive(other.update_user(user.id, {"name": str(next(numbers))}))

    line.before = change
    for coro in (adapter.update_user(user.id, {"image": "i"}), adapter.delete_user(user.id)):
        refused(coro, "the row is being changed by others all the time")
    line.before = None
    assert drive(adapter.get_user(user.id)).name is not None


@pytest.mark.anyio
@pytest.mark.parametrize("pauses", [(), (0.02,)])
async def test_one_of_many_wins_without_patience(
    client: AsyncTableClient, monkeypatch: pytest.MonkeyPatch, pauses: tuple[float, ...]
) -> None:
    """Everybody takes over from everybody, and still there is one user at most."""
    monkeypatch.setattr("authwire.adapters.azure_tables.claims._PAUSES", pauses)
    adapter = AzureTablesAdapter(client)
    await adapter.create_schema()
    for turn in range(5):
        email, stored = f"{turn}@example.com", []

        async def sign_up(
            number: int, turn: int = turn, email: str = email, stored: list[Any] = stored
        ) -> None:
            with contextlib.suppress(AdapterError):
                user = User(id=f"{turn}-{number}", email=email)
                stored.append(await adapter.create_user(user))

        async with anyio.create_task_group() as tasks:
            for number in range(8):
                tasks.start_soon(sign_up, number)
        assert len(stored) == 1
        found = [await adapter.get_user(f"{turn}-{number}") for number in range(8)]
        assert [user for user in found if user] == stored
        assert await adapter.get_user_by_email(email) == stored[0]
    await client.delete_table()


# --- rows -----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str | None = "member"
    joined: datetime | None = None
    tags: list[str] = field(default_factory=list)
    score: float = 0.5
    points: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    picture: bytes = b""
    about: str = ""


def test_fields_of_your_own_are_kept(adapter: AzureTablesAdapter, sync_client: TableClient) -> None:
    members = AzureTablesAdapter(sync_client, user=Member)
    created = drive(
        members.create_user(
            Member(
                role=None,
                joined=LATER,
                tags=["a", "ü"],
                score=2.0,
                points=2**80,
                settings={"dark": True, "sizes": [1, 2.5, None]},
                picture=b"\x00\xff",
                about="😀" * 40_000,
            )
        )
    )
    assert drive(members.get_user(created.id)) == created
    assert type(drive(members.get_user(created.id)).joined) is datetime
    # Others read and write the fields that they know.
    assert drive(adapter.update_user(created.id, {"email": "a@example.com"})) == User(
        id=created.id, email="a@example.com"
    )
    whole = replace(created, email="a@example.com")
    assert drive(members.get_user_by_email("a@example.com")) == whole
    changed = replace(whole, about="", role="owner", points=2**40)
    changes = {"about": "", "role": "owner", "points": 2**40}
    assert drive(members.update_user(created.id, changes)) == changed
    assert drive(members.get_user(created.id)) == changed


def test_tokens_of_any_length_are_kept(adapter: AzureTablesAdapter) -> None:
    user = drive(adapter.create_user(User()))
    account = account_of(user, id_token="x" * 100_000, extra={"claims": "é" * 50_000})
    drive(adapter.link_account(account))
    assert drive(adapter.get_account("p", "1")) == account
    short = replace(account, id_token="x", extra={})
    assert drive(adapter.update_account(short)) == short
    assert drive(adapter.list_accounts_by_user_id(user.id)) == [short]


def test_values_of_any_length_and_characters_find_their_rows(adapter: AzureTablesAdapter) -> None:
    odd = "é/\\#?'\t\x00 " * 500
    user = drive(adapter.create_user(User(id=odd, email=odd)))
    account = account_of(user, provider=odd, provider_account_id=odd)
    session = replace(session_of(user), session_token=odd)
    token = VerificationToken(identifier=odd, token=odd, expires=LATER)
    drive(adapter.link_account(account))
    drive(adapter.create_session(session))
    drive(adapter.create_verification_token(token))
    assert drive(adapter.get_user(f"{odd}x")) is None
    assert drive(adapter.get_user_by_email(odd)) == user
    assert drive(adapter.get_user_by_account(odd, odd)) == user
    assert drive(adapter.get_session_and_user(odd)) == (session, user)
    assert drive(adapter.list_sessions_by_user_id(odd)) == [session]
    assert drive(adapter.use_verification_token(odd, odd)) == token
    drive(adapter.delete_user(odd))
    assert drive(adapter.get_session_and_user(odd)) is None


@dataclass(frozen=True, kw_only=True)
class Odd(User):
    types: Any = None


@dataclass(frozen=True, kw_only=True)
class Parted(User):
    part__1: Any = None


@pytest.mark.parametrize(("kind", "name"), [(Odd, "types"), (Parted, "part__1")])
def test_a_field_named_like_what_rows_need_is_refused(
    sync_client: TableClient, kind: type[User], name: str
) -> None:
    with pytest.raises(TypeError, match=f"{kind.__name__} cannot have a field '{name}'"):
        AzureTablesAdapter(sync_client, user=kind)


def test_a_value_that_has_no_type_is_refused(
    adapter: AzureTablesAdapter, sync_client: TableClient
) -> None:
    members = AzureTablesAdapter(sync_client, user=Member)
    with pytest.raises(TypeError, match="set is not JSON serializable"):
        drive(members.create_user(Member(settings={"colours": {"secret"}})))


def test_a_time_without_a_time_zone_is_refused(adapter: AzureTablesAdapter) -> None:
    naive = User(email_verified=datetime(2030, 1, 1))  # noqa: DTZ001  # the point of the test
    with pytest.raises(ValueError, match="without a time zone"):
        drive(adapter.create_user(naive))


def test_a_token_alone_takes_out_all_rows_that_have_it(
    adapter: AzureTablesAdapter, sync_client: TableClient
) -> None:
    tokens = [replace(token_of(), identifier=f"{n}@example.com") for n in range(3)]
    for token in tokens:
        drive(adapter.create_verification_token(token))
    assert drive(adapter.use_verification_token("t-1", None)) in tokens
    assert rows(sync_client) == []


# --- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["secret@example.com", None])
def test_a_taken_user_id_is_named(adapter: AzureTablesAdapter, email: str | None) -> None:
    user = drive(adapter.create_user(User(id="secret-id")))
    refused(adapter.create_user(User(id="secret-id", email=email)), "the user id is already taken")
    assert drive(adapter.get_user_by_email("secret@example.com")) is None
    again = drive(adapter.create_user(User(email="secret@example.com")))
    assert drive(adapter.get_user_by_email("secret@example.com")) == again
    assert drive(adapter.get_user("secret-id")) == user


def test_a_taken_value_is_named_without_being_shown(adapter: AzureTablesAdapter) -> None:
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
    adapter: AzureTablesAdapter, sync_client: TableClient
) -> None:
    nobody = User(id="nobody")
    refused(adapter.link_account(account_of(nobody)), "no such user")
    refused(adapter.create_session(session_of(nobody)), "no such user")
    refused(adapter.create_authenticator(passkey_of(nobody)), "no such user")
    assert rows(sync_client) == []


def refused(coro: Any, message: str) -> None:
    with pytest.raises(AdapterError) as caught:
        drive(coro)
    assert str(caught.value) == message
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_updates_refuse_unknown_fields_and_another_id(adapter: AzureTablesAdapter) -> None:
    user = drive(stored(adapter))
    with pytest.raises(TypeError, match="no field 'nam'"):
        drive(adapter.update_user(user.id, {"name": "x", "nam": "x"}))
    with pytest.raises(ValueError, match="a user's id cannot change"):
        drive(adapter.update_user(user.id, {"id": "2"}))
    with pytest.raises(ValueError, match="a passkey's id cannot change"):
        drive(adapter.update_authenticator("AQI1", {"credential_id": "2"}))
    assert drive(adapter.get_user(user.id)) == user


def test_a_missing_table_is_no_missing_row(sync_client: TableClient) -> None:
    adapter = AzureTablesAdapter(sync_client)
    for coro in (
        adapter.get_user("u-1"),
        adapter.get_session_and_user("s-1"),
        adapter.list_sessions_by_user_id("u-1"),
        adapter.use_verification_token("t-1", None),
        adapter.create_user(User(email="secret@example.com")),
    ):
        with pytest.raises(HttpResponseError, match="TableNotFound") as caught:
            drive(coro)
        assert "secret" not in str(caught.value)


def test_a_missing_table_is_named(sync_client: TableClient, table: str) -> None:
    adapter = AzureTablesAdapter(sync_client)
    assert drive(adapter.check_schema()) == [f"the table {table} is missing"]
    drive(adapter.create_schema())
    assert drive(adapter.check_schema()) == []
    sync_client.delete_table()


def test_a_missing_driver_names_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name.startswith("authwire.adapters.azure_tables"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "azure.data.tables", None)
    with pytest.raises(ImportError, match=r"pip install 'authwire\[azure-tables\]'"):
        __import__("authwire.adapters.azure_tables")


@pytest.mark.anyio
async def test_io_tells_which_client_is_inside(
    client: AsyncTableClient, sync_client: TableClient
) -> None:
    assert AzureTablesAdapter(client).io == "async"
    assert AzureTablesAdapter(sync_client).io == "blocking"
    assert AzureTablesAdapter(client).shared_with_authjs is False
