from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal, TypeVar

import pytest

from authwire.adapters.memory import MemoryAdapter
from authwire.core.database import ADAPTER_METHODS
from authwire.errors import AdapterError
from authwire.models import (
    Account,
    AdapterSession,
    Authenticator,
    User,
    VerificationToken,
)
from authwire.ports import Adapter
from authwire.testing.adapter_contract import AdapterContract

T = TypeVar("T")
Callers = Literal["tasks", "threads"] | None


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"
    tags: list[str] = field(default_factory=list)


class Snapshots:
    """Reads the public snapshots."""

    def __init__(self, adapter: MemoryAdapter) -> None:
        self.adapter = adapter

    def user(self, user_id: str) -> User | None:
        return _only(row for row in self.adapter.users if row.id == user_id)

    def account(self, provider: str, provider_account_id: str) -> Account | None:
        key = (provider, provider_account_id)
        rows = self.adapter.accounts
        return _only(row for row in rows if (row.provider, row.provider_account_id) == key)

    def session(self, session_token: str) -> AdapterSession | None:
        return _only(row for row in self.adapter.sessions if row.session_token == session_token)

    def verification_token(self, identifier: str, token: str) -> VerificationToken | None:
        rows = self.adapter.verification_tokens
        return _only(row for row in rows if (row.identifier, row.token) == (identifier, token))

    def authenticator(self, credential_id: str) -> Authenticator | None:
        rows = self.adapter.authenticators
        return _only(row for row in rows if row.credential_id == credential_id)


def _only(rows: Iterable[T]) -> T | None:
    found = list(rows)
    assert len(found) <= 1
    return found[0] if found else None


def drive(coro: Any) -> Any:
    with pytest.raises(StopIteration) as done:
        coro.send(None)
    return done.value.value


class TestMemory(AdapterContract):
    callers: ClassVar[Callers] = "threads"

    @pytest.fixture
    def adapter(self) -> MemoryAdapter:
        return MemoryAdapter()

    @pytest.fixture
    def store(self, adapter: MemoryAdapter) -> Snapshots:
        return Snapshots(adapter)


class TestMemoryUnderTrio(TestMemory):
    callers: ClassVar[Callers] = "tasks"

    @pytest.fixture(scope="class")
    @classmethod
    def anyio_backend(cls) -> str:
        return "trio"


class PlainMethods:
    """The memory adapter as a `SyncAdapter`: the contract must serve those too."""

    def __init__(self) -> None:
        self.inner = MemoryAdapter()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.inner, name)
        return lambda *args: drive(method(*args))


class TestPlainMethods(AdapterContract):
    @pytest.fixture
    def adapter(self) -> PlainMethods:
        return PlainMethods()

    @pytest.fixture
    def store(self, adapter: PlainMethods) -> Snapshots:
        return Snapshots(adapter.inner)


def test_snapshots_are_copies_in_the_order_of_creation() -> None:
    adapter = MemoryAdapter(user=Member)
    for name in ("b", "a", "c"):
        drive(adapter.create_user(Member(id=name, tags=["x"])))
    adapter.users[0].tags.append("changed")
    assert [user.id for user in adapter.users] == ["b", "a", "c"]
    assert adapter.users[0].tags == ["x"]


def test_a_user_given_is_not_kept_by_reference() -> None:
    adapter = MemoryAdapter(user=Member)
    given = Member(id="1", tags=["x"])
    created = drive(adapter.create_user(given))
    given.tags.append("changed")
    created.tags.append("changed")
    drive(adapter.get_user("1")).tags.append("changed")
    assert drive(adapter.get_user("1")).tags == ["x"]


def test_fields_of_a_user_subclass_are_stored_and_changed() -> None:
    adapter = MemoryAdapter(user=Member)
    created = drive(adapter.create_user(Member(role="admin")))
    assert drive(adapter.get_user(created.id)) == created
    changed = drive(adapter.update_user(created.id, {"role": "owner"}))
    assert changed == replace(created, role="owner")


def test_a_plain_user_becomes_the_configured_type() -> None:
    adapter: MemoryAdapter[User] = MemoryAdapter(user=Member)
    created = drive(adapter.create_user(User(email="a@example.com")))
    assert created == Member(id=created.id, email="a@example.com")


def test_update_user_refuses_unknown_fields_and_another_id() -> None:
    adapter = MemoryAdapter()
    user = drive(adapter.create_user(User(id="1")))
    with pytest.raises(TypeError):
        drive_error(adapter.update_user("1", {"nam": "x"}))
    with pytest.raises(ValueError, match="id"):
        drive_error(adapter.update_user("1", {"id": "2"}))
    assert adapter.users == [user]


def test_a_taken_id_is_refused() -> None:
    adapter = MemoryAdapter()
    user = drive(adapter.create_user(User(id="1", email="a@example.com")))
    with pytest.raises(AdapterError, match="the user id is already taken"):
        drive_error(adapter.create_user(User(id="1", email="b@example.com")))
    assert adapter.users == [user]
    assert drive(adapter.get_user_by_email("b@example.com")) is None


@pytest.mark.parametrize(
    "method",
    ["link_account", "create_session", "create_authenticator"],
)
def test_rows_of_an_unknown_user_are_refused(method: str) -> None:
    adapter = MemoryAdapter()
    row = Account(user_id="nobody", type="oidc", provider="p", provider_account_id="1")
    with pytest.raises(AdapterError, match="no such user"):
        drive_error(getattr(adapter, method)(row))
    assert adapter.accounts == []


def test_clear_forgets_everything() -> None:
    adapter = MemoryAdapter()
    user = drive(adapter.create_user(User(email="a@example.com")))
    account = Account(user_id=user.id, type="oidc", provider="p", provider_account_id="1")
    drive(adapter.link_account(account))
    adapter.clear()
    assert adapter.users == []
    assert adapter.accounts == []
    drive(adapter.create_user(User(email="a@example.com")))


def test_all_methods_of_the_port_are_coroutine_functions() -> None:
    names = [name for name in vars(Adapter) if not name.startswith("_")]
    assert set(names) == set(ADAPTER_METHODS)
    assert all(inspect.iscoroutinefunction(getattr(MemoryAdapter, name)) for name in names)


def drive_error(coro: Any) -> None:
    """Drive a coroutine that is expected to raise."""
    coro.send(None)
