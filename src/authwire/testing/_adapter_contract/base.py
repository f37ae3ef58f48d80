"""What all parts share: the fixtures to fill in, and calling an adapter of either colour."""

from __future__ import annotations

import inspect
import threading
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, Protocol

import anyio
import anyio.to_thread
import pytest

from authwire.models import Account, AdapterSession, Authenticator, User, VerificationToken

__all__ = ["AT_ONCE", "LATER", "ContractBase", "StoreReader", "Won", "call", "new_account"]

AT_ONCE = 50
LATER = datetime(2031, 3, 5, 12, 30, 15, 123000, tzinfo=UTC)
"""Milliseconds, as that is what Auth.js' tables keep."""
PATIENCE = 60.0
"""Seconds after which callers that block one another count as dead-locked."""


class StoreReader(Protocol):
    """Reads rows behind the adapter's back, by whatever means is not the adapter's own code.

    Methods may be async. None means: no such row.
    """

    def user(self, user_id: str) -> User | Awaitable[User | None] | None: ...
    def account(
        self, provider: str, provider_account_id: str
    ) -> Account | Awaitable[Account | None] | None: ...
    def session(
        self, session_token: str
    ) -> AdapterSession | Awaitable[AdapterSession | None] | None: ...
    def verification_token(
        self, identifier: str, token: str
    ) -> VerificationToken | Awaitable[VerificationToken | None] | None: ...
    def authenticator(
        self, credential_id: str
    ) -> Authenticator | Awaitable[Authenticator | None] | None: ...


async def call(method: Callable[..., Any], *args: Any) -> Any:
    """Call a method, async or not."""
    result = method(*args)
    return await result if inspect.isawaitable(result) else result


class Won:
    """How a race ended: what was returned and what was raised, in no order."""

    def __init__(self) -> None:
        self.results: list[Any] = []
        self.errors: list[Exception] = []


class ContractBase:
    """Fixtures and helpers. Subclasses of `AdapterContract` override `adapter` and `store`."""

    pytestmark = pytest.mark.anyio

    callers: ClassVar[Literal["tasks", "threads"] | None] = None
    """Who calls at the same time. Default: tasks if the adapter is async, else threads.

    An async adapter that never suspends proves nothing in tasks: say ``threads``."""
    missing: ClassVar[frozenset[str]] = frozenset()
    """Methods that the adapter leaves out on purpose; their tests are skipped."""

    keeps_expired: ClassVar[bool] = True
    """Whether expired rows stay until something removes them. False for a store with time-to-live,
    which drops them by itself: it has nothing to clean up, so ``delete_expired_…`` return 0."""

    @pytest.fixture(scope="class")
    @classmethod
    def anyio_backend(cls) -> str:
        return "asyncio"

    @pytest.fixture
    def adapter(self) -> Any:
        """The adapter under test, with an empty store."""
        raise NotImplementedError("override the fixture `adapter`")

    @pytest.fixture
    def store(self) -> StoreReader:
        """Reads the store of `adapter`."""
        raise NotImplementedError("override the fixture `store`")

    def needs(self, *methods: str) -> None:
        """Skip the test if a method is declared missing."""
        if absent := self.missing.intersection(methods):
            pytest.skip(f"the adapter has no {', '.join(sorted(absent))}")

    def new_user(self, **changes: Any) -> User:
        """A user to store. Override it if your users have fields that must be there."""
        unique = str(uuid.uuid4())
        values: dict[str, Any] = {"id": unique, "email": f"{unique}@example.com"}
        return User(**values | changes)

    async def stored_user(self, adapter: Any, **changes: Any) -> User:
        user = await call(adapter.create_user, self.new_user(**changes))
        assert isinstance(user, User)
        return user

    async def at_once(self, adapter: Any, calls: Sequence[Callable[[], Any]]) -> Won:
        """Make all ``calls`` of methods of ``adapter`` at the same time."""
        is_async = inspect.iscoroutinefunction(adapter.use_verification_token)
        callers = self.callers or ("tasks" if is_async else "threads")
        won = Won()
        with anyio.fail_after(PATIENCE):
            await (_in_tasks if callers == "tasks" else _in_threads)(calls, won)
        return won


async def _in_tasks(calls: Sequence[Callable[[], Any]], won: Won) -> None:
    async def one(make: Callable[[], Any]) -> None:
        try:
            won.results.append(await make())
        except Exception as exc:  # noqa: BLE001  # whatever a loser raises is part of the result
            won.errors.append(exc)

    async with anyio.create_task_group() as tasks:
        for make in calls:
            tasks.start_soon(one, make)


async def _in_threads(calls: Sequence[Callable[[], Any]], won: Won) -> None:
    start = threading.Barrier(len(calls), timeout=PATIENCE)
    limiter = anyio.CapacityLimiter(len(calls))

    def one(make: Callable[[], Any]) -> None:
        start.wait()
        try:
            won.results.append(_drive(make()))
        except Exception as exc:  # noqa: BLE001  # as above
            won.errors.append(exc)

    async def run(make: Callable[[], Any]) -> None:
        await anyio.to_thread.run_sync(one, make, limiter=limiter)

    async with anyio.create_task_group() as tasks:
        for make in calls:
            tasks.start_soon(run, make)


def _drive(result: Any) -> Any:
    """The value of a coroutine that never suspends; anything else as it is."""
    if not inspect.iscoroutine(result):
        return result
    try:
        result.send(None)
    except StopIteration as done:
        return done.value
    finally:
        result.close()
    raise AssertionError("callers = 'threads' is for adapters whose methods never suspend")


def new_account(user: User, **changes: Any) -> Account:
    """An account with every field set."""
    values: dict[str, Any] = {
        "user_id": user.id,
        "type": "oidc",
        "provider": "example",
        "provider_account_id": str(uuid.uuid4()),
        "access_token": "access-1",
        "refresh_token": "refresh-1",
        "id_token": "id-1",
        "token_type": "bearer",
        "scope": "openid email",
        "expires_at": 4_102_444_800,
        "session_state": "state-1",
    }
    return Account(**values | changes)
