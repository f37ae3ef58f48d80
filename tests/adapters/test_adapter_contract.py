"""The kit finds the faults it is there for: each of these adapters has one."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

import anyio.lowlevel
import pytest

from authwire.adapters.memory import MemoryAdapter
from authwire.models import Account, AdapterSession, Authenticator, User, VerificationToken
from authwire.testing.adapter_contract import AdapterContract, call

TOKEN_RACE = "test_use_verification_token_at_once_lets_one_win"
HALF_MATCH = "test_use_verification_token_with_half_a_match_is_none_and_keeps_the_row"


class ReadsThenDeletes(MemoryAdapter):
    """Looks, waits as for a network, and only then deletes."""

    async def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None:
        found = self._tokens.get(token, {}).get(identifier or "")
        await anyio.lowlevel.checkpoint()
        await super().use_verification_token(token, identifier)
        return found


class LooksAtTheTokenOnly(MemoryAdapter):
    async def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None:
        return await super().use_verification_token(token, None)


class KeepsUsedTokens(MemoryAdapter):
    async def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None:
        return self._tokens.get(token, {}).get(identifier or "")


class ForgetsExpiredTokens(MemoryAdapter):
    async def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None:
        used = await super().use_verification_token(token, identifier)
        return used if used and used.expires > datetime.now().astimezone() else None


class AllowsAnyEmail(MemoryAdapter):
    def _claim_email(self, row: User) -> None:
        self._ids_by_email[row.email or ""] = row.id


class ChecksTheEmailTooEarly(MemoryAdapter):
    async def create_user(self, user: User) -> User:
        if await self.get_user_by_email(user.email or ""):
            raise RuntimeError
        await anyio.lowlevel.checkpoint()
        with self._lock:
            self._ids_by_email.pop(user.email or "", None)
        return await super().create_user(user)


class ShowsTheEmail(MemoryAdapter):
    async def create_user(self, user: User) -> User:
        try:
            return await super().create_user(user)
        except Exception as exc:
            raise RuntimeError(f"{user.email} is taken") from exc


class ReplacesTheWholeUser(MemoryAdapter):
    async def update_user(self, user_id: str, changes: Mapping[str, Any]) -> User:
        self._users[user_id] = User(id=user_id, **changes)
        return self._users[user_id]


class LeavesSessionsBehind(MemoryAdapter):
    async def delete_user(self, user_id: str) -> None:
        kept = dict(self._sessions)
        await super().delete_user(user_id)
        self._sessions.update(kept)


class IgnoresCase(MemoryAdapter):
    async def get_user_by_account(self, provider: str, provider_account_id: str) -> User | None:
        wanted = (provider.lower(), provider_account_id.lower())
        for (name, account_id), account in self._accounts.items():
            if (name.lower(), account_id.lower()) == wanted:
                return self._users[account.user_id]
        return None


class IgnoresTheProvider(MemoryAdapter):
    async def get_user_by_account(self, provider: str, provider_account_id: str) -> User | None:
        for (_, account_id), account in self._accounts.items():
            if account_id == provider_account_id:
                return self._users[account.user_id]
        return None


class MovesAccounts(MemoryAdapter):
    async def link_account(self, account: Account) -> Account:
        self._accounts[account.provider, account.provider_account_id] = account
        return account


class ChangesTheOwner(MemoryAdapter):
    async def update_account(self, account: Account) -> Account | None:
        if (account.provider, account.provider_account_id) not in self._accounts:
            return None
        return await MovesAccounts.link_account(self, account)  # type: ignore[arg-type]  # borrowed


class HandsOutReferences(MemoryAdapter):
    async def get_account(self, provider: str, provider_account_id: str) -> Account | None:
        return self._accounts.get((provider, provider_account_id))


class LosesTimeZones(MemoryAdapter):
    async def create_session(self, session: AdapterSession) -> AdapterSession:
        naive = replace(session, expires=session.expires.replace(tzinfo=None))
        await super().create_session(naive)
        return session


class HidesExpiredSessions(MemoryAdapter):
    async def get_session_and_user(self, session_token: str) -> tuple[AdapterSession, User] | None:
        found = await super().get_session_and_user(session_token)
        return found if found and found[0].expires > datetime.now().astimezone() else None


class KeepsRemovedPasskeys(MemoryAdapter):
    async def delete_authenticator(self, credential_id: str) -> Authenticator | None:
        return await self.get_authenticator(credential_id)


class ReplacesTheWholePasskey(MemoryAdapter):
    async def update_authenticator(
        self, credential_id: str, changes: Mapping[str, Any]
    ) -> Authenticator:
        return await super().update_authenticator(credential_id, {"counter": 1, **changes})


class SweepsTooMuch(MemoryAdapter):
    async def delete_expired_verification_tokens(self, now: datetime) -> None:
        self._tokens.clear()


class LacksAMethod(MemoryAdapter):
    list_accounts_by_user_id: ClassVar[None] = None  # type: ignore[assignment]  # the point


class Snapshots:
    """Reads the adapter's dicts."""

    def __init__(self, adapter: MemoryAdapter) -> None:
        self.adapter = adapter

    def user(self, user_id: str) -> User | None:
        return self.adapter._users.get(user_id)

    def account(self, provider: str, provider_account_id: str) -> Account | None:
        return self.adapter._accounts.get((provider, provider_account_id))

    def session(self, session_token: str) -> AdapterSession | None:
        return self.adapter._sessions.get(session_token)

    def verification_token(self, identifier: str, token: str) -> VerificationToken | None:
        return self.adapter._tokens.get(token, {}).get(identifier)

    def authenticator(self, credential_id: str) -> Any:
        return self.adapter._authenticators.get(credential_id)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("adapter", "test", "args"),
    [
        (ReadsThenDeletes, TOKEN_RACE, ["a@example.com"]),
        (KeepsUsedTokens, TOKEN_RACE, ["a@example.com"]),
        (KeepsUsedTokens, "test_use_verification_token_returns_the_row_once", []),
        (LooksAtTheTokenOnly, HALF_MATCH, ["t-1", "b@example.com"]),
        (
            ForgetsExpiredTokens,
            "test_use_verification_token_returns_an_expired_row_and_deletes_it",
            [],
        ),
        (AllowsAnyEmail, "test_create_user_with_a_taken_email_raises", []),
        (AllowsAnyEmail, "test_update_user_to_a_taken_email_raises", []),
        (ChecksTheEmailTooEarly, "test_create_user_with_one_email_at_once_lets_one_win", []),
        (ShowsTheEmail, "test_create_user_with_a_taken_email_raises", []),
        (ReplacesTheWholeUser, "test_update_user_changes_only_the_given_fields", []),
        (
            LeavesSessionsBehind,
            "test_delete_user_deletes_what_belongs_to_it_and_nothing_else",
            [],
        ),
        (IgnoresCase, "test_account_ids_that_look_alike_are_different", ["AbC", "aBc"]),
        (IgnoresCase, "test_an_unknown_account_is_none", ["example", "ABC"]),
        (IgnoresTheProvider, "test_an_unknown_account_is_none", ["other", "abc"]),
        (IgnoresTheProvider, "test_one_id_at_two_providers_is_two_accounts", []),
        (MovesAccounts, "test_link_account_that_another_user_has_raises", []),
        (MovesAccounts, "test_link_account_at_once_lets_one_win", []),
        (ChangesTheOwner, "test_update_account_overwrites_the_tokens_but_not_the_owner", []),
        (HandsOutReferences, "test_accounts_are_copies_not_references", []),
        (LosesTimeZones, "test_expires_comes_back_with_a_time_zone", []),
        (
            HidesExpiredSessions,
            "test_get_session_and_user_returns_an_expired_session_too",
            [],
        ),
        (
            KeepsRemovedPasskeys,
            "test_delete_authenticator_returns_the_row_and_leaves_the_others",
            [],
        ),
        (
            ReplacesTheWholePasskey,
            "test_update_authenticator_changes_only_what_is_given",
            [],
        ),
        (
            SweepsTooMuch,
            "test_delete_expired_verification_tokens_keeps_those_that_are_valid",
            [],
        ),
        (LacksAMethod, "test_the_adapter_has_all_methods", []),
    ],
)
async def test_the_kit_fails_an_adapter_that(
    adapter: type[MemoryAdapter], test: str, args: list[str]
) -> None:
    faulty, sound = adapter(), MemoryAdapter()
    await run(test, sound, args)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        await run(test, faulty, args)


async def run(test: str, adapter: MemoryAdapter, args: list[str]) -> None:
    method = getattr(AdapterContract(), test)
    fixtures = {"adapter": adapter, "store": Snapshots(adapter)}
    wanted = inspect.signature(method).parameters
    values = dict(zip([name for name in wanted if name not in fixtures], args, strict=True))
    await method(**values, **{name: fixtures[name] for name in wanted if name in fixtures})


@pytest.mark.anyio
async def test_threads_really_call_at_the_same_time() -> None:
    """Nobody passes the barrier before all 50 have come."""

    class Meeting(AdapterContract):
        callers: ClassVar[Any] = "threads"

    barrier = threading.Barrier(50, timeout=30)
    won = await Meeting().at_once(MemoryAdapter(), [barrier.wait] * 50)
    assert sorted(won.results) == list(range(50))
    assert won.errors == []


@pytest.mark.anyio
async def test_call_takes_plain_methods_and_coroutines() -> None:
    async def awaited(value: int) -> int:
        await anyio.lowlevel.checkpoint()
        return value

    assert await call(awaited, 1) == 1
    assert await call(abs, -1) == 1
