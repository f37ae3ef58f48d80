from __future__ import annotations

import functools
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
from typing import Any, ClassVar, TypeVar

import pytest
from google.api_core.exceptions import Aborted, FailedPrecondition, PermissionDenied
from google.cloud.firestore import AsyncClient, Client
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

from authwire.adapters.firestore import FirestoreAdapter
from authwire.errors import AdapterError
from authwire.models import Account, AdapterSession, Authenticator, User, VerificationToken
from authwire.testing.adapter_contract import AdapterContract

ROOT = Path(__file__).resolve().parent.parent.parent
T = TypeVar("T")
pytestmark = pytest.mark.needs_node


@pytest.fixture(scope="module")
def host(node_dir: Path) -> Iterator[str]:
    with emulators.firestore(node_dir) as host:
        yield host


@pytest.fixture(scope="module")
def project(host: str) -> Iterator[str]:
    """Where clients made here find the emulator."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRESTORE_EMULATOR_HOST", host)
        yield "authwire-test"


@pytest.fixture
def prefix() -> str:
    """Collections of the test's own."""
    return f"{uuid.uuid4().hex}_"


# gRPC for asyncio wants one event loop in a process, so all that is async is in one class.
@pytest.fixture(scope="class")
async def client(project: str) -> AsyncIterator[AsyncClient]:
    client = AsyncClient(project=project)
    yield client
    await client._firestore_api.transport.close()


@pytest.fixture
def sync_client(project: str) -> Iterator[Client]:
    client = Client(project=project)
    yield client
    client.close()


def digest(*values: str) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


class RawReader:
    """Reads documents with the client alone."""

    def __init__(self, client: Any, prefix: str) -> None:
        self.client = client
        self.prefix = prefix

    async def one(self, kind: type[T], collection: str, name: str) -> T | None:
        asked = self.client.document(f"{self.prefix}{collection}/{name}").get()
        found = await asked if inspect.isawaitable(asked) else asked
        if not found.exists:
            return None
        values = found.to_dict()
        values.pop("touched", None)
        if "extra" in values:
            values["extra"] = json.loads(values["extra"])
        return kind(**values)

    async def user(self, user_id: str) -> User | None:
        return await self.one(User, "users", user_id)

    async def account(self, provider: str, provider_account_id: str) -> Account | None:
        return await self.one(Account, "accounts", digest(provider, provider_account_id))

    async def session(self, session_token: str) -> AdapterSession | None:
        return await self.one(AdapterSession, "sessions", digest(session_token))

    async def verification_token(self, identifier: str, token: str) -> VerificationToken | None:
        return await self.one(VerificationToken, "verification_tokens", digest(identifier, token))

    async def authenticator(self, credential_id: str) -> Authenticator | None:
        return await self.one(Authenticator, "authenticators", digest(credential_id))


class TestFirestore(AdapterContract):
    @pytest.fixture
    def adapter(self, client: AsyncClient, prefix: str) -> FirestoreAdapter:
        return FirestoreAdapter(client, prefix=prefix)

    @pytest.fixture
    def store(self, client: AsyncClient, prefix: str) -> RawReader:
        return RawReader(client, prefix)

    async def test_it_says_that_it_waits_in_the_event_loop(self, adapter: FirestoreAdapter) -> None:
        assert adapter.io == "async"

    async def test_the_event_loop_runs_on_while_a_commit_is_tried_again(
        self, adapter: FirestoreAdapter, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pauses = sleeping_here(monkeypatch)
        api = Api(client._firestore_api)
        api.failing = [Aborted("contention")]
        monkeypatch.setattr(client, "_firestore_api_internal", api)
        user = await adapter.create_user(User(email="a@example.com"))
        assert await adapter.get_user(user.id) == user
        assert api.seen[:2] == ["commit", "commit"]
        assert not pauses


class TestFirestoreSync(AdapterContract):
    callers = "threads"

    @pytest.fixture
    def adapter(self, sync_client: Client, prefix: str) -> FirestoreAdapter:
        return FirestoreAdapter(sync_client, prefix=prefix)

    @pytest.fixture
    def store(self, sync_client: Client, prefix: str) -> RawReader:
        return RawReader(sync_client, prefix)


# --- requests -------------------------------------------------------------------------------------

SENT = {
    "create_user": "commit",
    "create_user without an e-mail": "commit",
    "get_user": "get",
    "get_user_by_email": "get get",
    "get_user_by_account": "get get",
    "update_user": "get commit",
    "update_user with another e-mail": "get commit",
    "link_account": "commit",
    "get_account": "get",
    "update_account": "get commit",
    "list_accounts_by_user_id": "query",
    "unlink_account": "commit",
    "create_session": "commit",
    "get_session_and_user": "get get",
    "update_session": "get commit",
    "list_sessions_by_user_id": "query",
    "delete_session": "get commit",
    "delete_sessions_by_user_id": "query commit",
    "delete_expired_sessions": "query commit",
    "create_verification_token": "commit",
    "use_verification_token": "get commit",
    "use_verification_token without an identifier": "query commit",
    "delete_expired_verification_tokens": "query",
    "create_authenticator": "commit",
    "get_authenticator": "get",
    "list_authenticators_by_user_id": "query",
    "update_authenticator_counter": "get commit",
    "update_authenticator": "get commit",
    "delete_authenticator": "get commit",
    "check_schema": "get",
    "create_schema": "",
    "delete_user": "get query query query commit",
}
"""What each method sends. The page docs/adapters/firestore.md shows it."""


class Api:
    """Google's API object: sees what the client sends, and can make it fail."""

    KINDS: ClassVar = {"batch_get_documents": "get", "run_query": "query", "commit": "commit"}

    def __init__(self, api: Any) -> None:
        self.api = api
        self.seen: list[str] = []
        """Tests clear it."""
        self.fail_at: int | None = None
        self.failing: list[Exception] = []
        """Raised by the next commits, in turn."""
        self.before: Callable[[], None] | None = None

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.api, name)
        return functools.partial(self._send, name, method) if name in self.KINDS else method

    def _send(self, name: str, method: Callable[..., Any], **request: Any) -> Any:
        self.seen.append(self.KINDS[name])
        if self.fail_at == len(self.seen):
            raise ConnectionError("the line is down")
        if self.failing and name == "commit":
            raise self.failing.pop(0)
        before, self.before = self.before, None  # what it sends itself is not its business
        if before is not None:
            try:
                before()
            finally:
                self.before = before
        return method(**request)


@pytest.fixture
def api(sync_client: Client, monkeypatch: pytest.MonkeyPatch) -> Api:
    api = Api(sync_client._firestore_api)
    monkeypatch.setattr(sync_client, "_firestore_api_internal", api)
    return api


@pytest.fixture
def adapter(sync_client: Client, prefix: str, api: Api) -> FirestoreAdapter:
    """With the sync client, whose methods never suspend."""
    return FirestoreAdapter(sync_client, prefix=prefix)


def drive(coro: Any) -> Any:
    """Send once; a coroutine that suspends fails the test."""
    try:
        coro.send(None)
    except StopIteration as done:
        return done.value
    coro.close()
    raise AssertionError("a method suspended")


def at(api: Api, number: int, do: Callable[[], Any]) -> None:
    """Do something just before the request of this number."""
    api.seen.clear()

    def before() -> None:
        if len(api.seen) == number:
            do()

    api.before = before


def names(client: Client, prefix: str) -> list[str]:
    """The collections that have documents, each as often as it has."""
    kinds = ("users", "emails", "accounts", "sessions", "authenticators", "verification_tokens")
    return [kind for kind in kinds for _ in client.collection(f"{prefix}{kind}").get()]


def test_every_method_sends_what_the_page_says(adapter: FirestoreAdapter, api: Api) -> None:
    sent = drive(counted(adapter, api.seen))
    assert {name: " ".join(seen) for name, seen in sent.items()} == SENT


def test_the_page_shows_what_is_sent() -> None:
    page = (ROOT / "docs" / "adapters" / "firestore.md").read_text("utf-8")
    found = re.findall(r"^\| `(\w+)`(?:, ([^|]+?))? *\| (\w[^|]*?) *\|$", page, re.MULTILINE)
    shown = {f"{method} {case}".strip(): requests for method, case, requests in found}
    assert shown == {name: seen.replace(" ", ", ") or "none" for name, seen in SENT.items()}


# --- half-way -------------------------------------------------------------------------------------


def test_a_commit_that_is_refused_writes_nothing(
    adapter: FirestoreAdapter, sync_client: Client, prefix: str
) -> None:
    user = drive(stored(adapter))
    other = drive(adapter.create_user(User(id="other", email="other@example.com")))
    before = names(sync_client, prefix)
    refused(adapter.create_user(User(id="new", email=user.email)), "the e-mail is already taken")
    taken = {"email": user.email, "name": "x"}
    refused(adapter.update_user("other", taken), "the e-mail is already taken")
    assert names(sync_client, prefix) == before
    assert drive(adapter.get_user("other")) == other
    assert drive(adapter.get_user_by_email("other@example.com")) == other


def test_a_failing_write_leaves_nothing_behind(
    adapter: FirestoreAdapter, api: Api, sync_client: Client, prefix: str
) -> None:
    user = drive(stored(adapter))
    before = names(sync_client, prefix)
    for call in calls(user):
        if not call.method.startswith(("create_", "link_", "update_", "delete_user")):
            continue
        if call.method == "create_schema":
            continue
        api.seen.clear()
        api.fail_at = len(SENT[str(call)].split())
        with pytest.raises(ConnectionError):
            drive(getattr(adapter, call.method)(*call.args))
        api.fail_at = None
        assert names(sync_client, prefix) == before, call
        assert drive(adapter.get_user_by_email("1@example.com")) == user


def test_a_user_with_many_rows_is_deleted_in_steps_that_can_be_repeated(
    adapter: FirestoreAdapter, api: Api, sync_client: Client, prefix: str
) -> None:
    user = drive(stored(adapter))
    for number in range(1, 8):
        add_sessions(sync_client, prefix, 900)
        api.seen.clear()
        api.fail_at = number
        with pytest.raises(ConnectionError):
            drive(adapter.delete_user(user.id))
        api.fail_at = None
        # Whole, with its address and what lets it in again.
        assert drive(adapter.get_user_by_email("1@example.com")) == user
        assert drive(adapter.get_user_by_account("p", "1")) == user
        assert drive(adapter.get_authenticator("AQI1")) is not None
    drive(adapter.delete_user(user.id))
    assert names(sync_client, prefix) == ["verification_tokens"]


def add_sessions(client: Client, prefix: str, count: int) -> None:
    row = {"session_token": "", "user_id": "u-1", "expires": LATER}
    for start in range(0, count, 300):
        batch = client.batch()
        for number in range(start, min(start + 300, count)):
            ref = client.document(f"{prefix}sessions/more-{number}")
            batch.set(ref, row | {"session_token": f"more-{number}"})
        batch.commit()


def test_many_sessions_are_deleted_and_counted(
    adapter: FirestoreAdapter, sync_client: Client, prefix: str
) -> None:
    user = drive(stored(adapter))
    add_sessions(sync_client, prefix, 500)
    assert drive(adapter.delete_sessions_by_user_id(user.id, "s-1")) == 501
    assert drive(adapter.list_sessions_by_user_id(user.id)) == [session_of(user)]
    add_sessions(sync_client, prefix, 500)
    assert drive(adapter.delete_expired_sessions(LATER + timedelta(seconds=1), 450)) == 450
    assert drive(adapter.delete_expired_sessions(LATER + timedelta(seconds=1))) == 51


# --- at the same time -----------------------------------------------------------------------------


@pytest.fixture
def other(project: str, prefix: str) -> Iterator[FirestoreAdapter]:
    """Another process at the same database."""
    client = Client(project=project)
    yield FirestoreAdapter(client, prefix=prefix)
    client.close()


def test_a_session_that_comes_while_its_user_is_deleted_goes_too(
    adapter: FirestoreAdapter, other: FirestoreAdapter, api: Api, sync_client: Any, prefix: str
) -> None:
    user = drive(adapter.create_user(User(email="a@example.com")))
    at(api, 5, lambda: drive(other.create_session(session_of(user))))
    drive(adapter.delete_user(user.id))
    assert api.seen == ["get", "query", "query", "query", "commit"] * 2
    api.before = None
    assert names(sync_client, prefix) == []


def test_an_account_that_moves_while_its_user_is_deleted_stays(
    adapter: FirestoreAdapter, other: FirestoreAdapter, api: Api
) -> None:
    old, user = drive(adapter.create_user(User())), drive(adapter.create_user(User()))
    drive(adapter.link_account(account_of(old)))

    def move() -> None:
        drive(other.unlink_account("p", "1"))
        drive(other.link_account(account_of(user)))

    at(api, 5, move)
    drive(adapter.delete_user(old.id))
    assert drive(other.get_user(old.id)) is None
    assert drive(other.get_user_by_account("p", "1")) == user


def test_an_address_that_moves_meanwhile_is_moved_from_where_it_is(
    adapter: FirestoreAdapter, other: FirestoreAdapter, api: Api, sync_client: Any, prefix: str
) -> None:
    user = drive(adapter.create_user(User(email="a@example.com")))
    at(api, 2, lambda: drive(other.update_user(user.id, {"email": "b@example.com"})))
    moved = drive(adapter.update_user(user.id, {"email": "c@example.com"}))
    assert moved == replace(user, email="c@example.com")
    assert drive(other.get_user_by_email("c@example.com")) == moved
    assert names(sync_client, prefix) == ["users", "emails"]


def test_an_address_that_moves_between_two_reads_is_not_found(
    adapter: FirestoreAdapter, other: FirestoreAdapter, api: Api
) -> None:
    user = drive(adapter.create_user(User(email="a@example.com")))
    at(api, 2, lambda: drive(other.update_user(user.id, {"email": "b@example.com"})))
    assert drive(adapter.get_user_by_email("a@example.com")) is None


def test_a_session_that_is_rolled_on_meanwhile_is_not_expired(
    adapter: FirestoreAdapter, other: FirestoreAdapter, api: Api
) -> None:
    user = drive(adapter.create_user(User()))
    for n in range(2):
        drive(adapter.create_session(session_of(user, n)))
    later = LATER + timedelta(days=1)
    at(api, 2, lambda: drive(other.update_session("s-1", later)))
    assert drive(adapter.delete_expired_sessions(LATER + timedelta(seconds=1))) == 1
    rolled = replace(session_of(user), expires=later)
    assert drive(adapter.list_sessions_by_user_id(user.id)) == [rolled]


def test_a_session_that_is_deleted_meanwhile_is_counted_once(
    adapter: FirestoreAdapter, other: FirestoreAdapter, api: Api
) -> None:
    user = drive(adapter.create_user(User()))
    for n in range(3):
        drive(adapter.create_session(session_of(user, n)))
    at(api, 2, lambda: drive(other.delete_session("s-1")))
    assert drive(adapter.delete_sessions_by_user_id(user.id)) == 2


def test_changes_at_the_same_time_are_both_kept(
    adapter: FirestoreAdapter, other: FirestoreAdapter, api: Api
) -> None:
    user = drive(stored(adapter))
    at(api, 2, lambda: drive(other.update_user(user.id, {"image": "i"})))
    both = replace(user, name="n", image="i")
    assert drive(adapter.update_user(user.id, {"name": "n"})) == both
    at(api, 2, lambda: drive(other.update_authenticator_counter("AQI1", 7)))
    named = replace(passkey_of(user), counter=7, name="Key")
    assert drive(adapter.update_authenticator("AQI1", {"name": "Key"})) == named
    at(api, 2, lambda: drive(other.update_authenticator_counter("AQI1", 8)))
    assert drive(adapter.delete_authenticator("AQI1")) == replace(named, counter=8)


def test_a_token_that_is_used_meanwhile_is_used_once(
    adapter: FirestoreAdapter, other: FirestoreAdapter, api: Api
) -> None:
    for identifier in ("a@example.com", None):
        drive(adapter.create_verification_token(token_of()))
        at(api, 2, lambda: drive(other.use_verification_token("t-1", "a@example.com")))
        assert drive(adapter.use_verification_token("t-1", identifier)) is None
        api.before = None


def test_a_row_that_never_rests_is_given_up(
    adapter: FirestoreAdapter, other: FirestoreAdapter, api: Api
) -> None:
    user = drive(stored(adapter))
    numbers = itertools.count(1)

    def change() -> None:
        if api.seen[-1] == "commit":
            number = next(numbers)
            drive(other.update_user(user.id, {"name": str(number)}))
            drive(other.update_session("s-1", LATER + timedelta(seconds=number)))

    api.before = change
    for coro in (
        adapter.update_user(user.id, {"image": "i"}),
        adapter.delete_user(user.id),
        adapter.update_session("s-1", LATER),
        adapter.delete_session("s-1"),
        adapter.delete_sessions_by_user_id(user.id),
        adapter.delete_expired_sessions(LATER + timedelta(days=1)),
    ):
        refused(coro, "the row is being changed by others all the time")
    api.before = None
    assert drive(adapter.get_session_and_user("s-1")) is not None


def test_a_commit_that_meets_others_is_tried_again(
    adapter: FirestoreAdapter, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = sleeping_here(monkeypatch)
    api.failing = [Aborted("contention")] * 8
    user = drive(adapter.create_user(User(email="a@example.com")))
    assert drive(adapter.get_user_by_email("a@example.com")) == user
    assert len(pauses) == 8
    assert all(0 <= pause <= 1 for pause in pauses)
    api.failing = [Aborted("contention")] * 9
    with pytest.raises(Aborted):
        drive(adapter.create_user(User(email="b@example.com")))
    assert drive(adapter.get_user_by_email("b@example.com")) is None


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


def test_fields_of_your_own_are_kept(
    adapter: FirestoreAdapter, sync_client: Client, prefix: str
) -> None:
    members = FirestoreAdapter(sync_client, prefix=prefix, user=Member)
    created = drive(
        members.create_user(
            Member(
                role=None,
                joined=LATER,
                tags=["a", "ü"],
                score=2.5,
                points=2**40,
                settings={"dark": True, "sizes": [1, 2.5, None]},
                picture=b"\x00\xff",
            )
        )
    )
    assert drive(members.get_user(created.id)) == created
    assert type(drive(members.get_user(created.id)).joined) is datetime
    # Others read and write the fields that they know.
    changes = {"email": "a@example.com"}
    assert drive(adapter.update_user(created.id, changes)) == User(id=created.id, **changes)
    whole = replace(created, **changes)
    assert drive(members.get_user_by_email("a@example.com")) == whole
    changed = replace(whole, role="owner", settings={})
    assert drive(members.update_user(created.id, {"role": "owner", "settings": {}})) == changed
    assert drive(members.get_user(created.id)) == changed


def test_what_a_provider_says_is_kept_whatever_its_form(adapter: FirestoreAdapter) -> None:
    user = drive(adapter.create_user(User()))
    extra = {"": 1, "__a__": [[1, [2]], {}], "a.b": 2**70, "c": 1e300}
    account = account_of(user, extra=extra)
    drive(adapter.link_account(account))
    assert drive(adapter.get_account("p", "1")) == account
    assert drive(adapter.list_accounts_by_user_id(user.id)) == [account]


@pytest.mark.parametrize("user_id", ["é/\\#?'\t\x00 ", "..", ".", "__name__", "x" * 1400, "~", " "])
def test_values_of_any_characters_find_their_rows(adapter: FirestoreAdapter, user_id: str) -> None:
    user = drive(adapter.create_user(User(id=user_id, email=user_id)))
    account = account_of(user, provider=user_id, provider_account_id=user_id)
    session = replace(session_of(user), session_token=user_id)
    token = VerificationToken(identifier=user_id, token=user_id, expires=LATER)
    drive(adapter.link_account(account))
    drive(adapter.create_session(session))
    drive(adapter.create_verification_token(token))
    assert drive(adapter.get_user(f"{user_id}x")) is None
    assert drive(adapter.get_user_by_email(user_id)) == user
    assert drive(adapter.get_user_by_account(user_id, user_id)) == user
    assert drive(adapter.get_session_and_user(user_id)) == (session, user)
    assert drive(adapter.list_sessions_by_user_id(user_id)) == [session]
    assert drive(adapter.use_verification_token(user_id, None)) == token
    drive(adapter.delete_user(user_id))
    assert drive(adapter.get_session_and_user(user_id)) is None


def test_documents_of_users_have_names_that_people_know(
    adapter: FirestoreAdapter, sync_client: Client, prefix: str
) -> None:
    user = drive(adapter.create_user(User()))
    assert sync_client.document(f"{prefix}users/{user.id}").get().get("id") == user.id


@dataclass(frozen=True, kw_only=True)
class Odd(User):
    touched: bool = False


def test_a_field_named_like_what_rows_need_is_refused(sync_client: Client) -> None:
    with pytest.raises(TypeError, match="Odd cannot have a field 'touched'"):
        FirestoreAdapter(sync_client, user=Odd)


def test_a_time_without_a_time_zone_is_refused(adapter: FirestoreAdapter) -> None:
    naive = User(email_verified=datetime(2030, 1, 1))  # noqa: DTZ001  # the point of the test
    with pytest.raises(ValueError, match="without a time zone"):
        drive(adapter.create_user(naive))


def test_a_token_alone_takes_out_all_rows_that_have_it(
    adapter: FirestoreAdapter, sync_client: Client, prefix: str
) -> None:
    tokens = [replace(token_of(), identifier=f"{n}@example.com") for n in range(3)]
    for token in tokens:
        drive(adapter.create_verification_token(token))
    assert drive(adapter.use_verification_token("t-1", None)) in tokens
    assert names(sync_client, prefix) == []


# --- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["secret@example.com", None])
def test_a_taken_user_id_is_named(adapter: FirestoreAdapter, email: str | None) -> None:
    drive(adapter.create_user(User(id="secret-id")))
    refused(adapter.create_user(User(id="secret-id", email=email)), "the user id is already taken")
    assert drive(adapter.get_user_by_email("secret@example.com")) is None


def test_a_taken_value_is_named_without_being_shown(adapter: FirestoreAdapter) -> None:
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
    adapter: FirestoreAdapter, sync_client: Client, prefix: str
) -> None:
    nobody = User(id="nobody")
    refused(adapter.link_account(account_of(nobody)), "no such user")
    refused(adapter.create_session(session_of(nobody)), "no such user")
    refused(adapter.create_authenticator(passkey_of(nobody)), "no such user")
    assert names(sync_client, prefix) == []


def refused(coro: Any, message: str) -> None:
    with pytest.raises(AdapterError) as caught:
        drive(coro)
    assert str(caught.value) == message
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_updates_refuse_unknown_fields_and_another_id(adapter: FirestoreAdapter) -> None:
    user = drive(stored(adapter))
    with pytest.raises(TypeError, match="no field 'nam'"):
        drive(adapter.update_user(user.id, {"name": "x", "nam": "x"}))
    with pytest.raises(ValueError, match="a user's id cannot change"):
        drive(adapter.update_user(user.id, {"id": "2"}))
    with pytest.raises(ValueError, match="a passkey's id cannot change"):
        drive(adapter.update_authenticator("AQI1", {"credential_id": "2"}))
    assert drive(adapter.get_user(user.id)) == user


@pytest.mark.parametrize("error", [FailedPrecondition, PermissionDenied])
def test_other_errors_are_those_of_the_driver(
    adapter: FirestoreAdapter, api: Api, error: type[Exception]
) -> None:
    """Of a database in Datastore mode the service says that a precondition failed."""
    for coro in (
        adapter.create_user(User(email="a@example.com")),
        adapter.create_verification_token(token_of()),
        adapter.create_session(session_of(User(id="u-1"))),
    ):
        api.failing = [error("not in this mode")]
        with pytest.raises(error):
            drive(coro)


def test_a_missing_driver_names_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name.startswith("authwire.adapters.firestore"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "google.cloud.firestore_v1", None)
    with pytest.raises(ImportError, match=r"pip install 'authwire\[firestore\]'"):
        __import__("authwire.adapters.firestore")


def test_with_the_sync_client_the_thread_is_blocked(adapter: FirestoreAdapter) -> None:
    assert adapter.io == "blocking"
    assert adapter.shared_with_authjs is False
