"""Verification tokens: each opens one door, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any

import pytest

from authwire.models import VerificationToken
from authwire.testing._adapter_contract.base import (
    AT_ONCE,
    LATER,
    ContractBase,
    StoreReader,
    call,
)

__all__ = ["VerificationTokenContract"]


class VerificationTokenContract(ContractBase):
    """create_verification_token, use_verification_token, delete_expired_verification_tokens."""

    async def stored_token(
        self, adapter: Any, token: str, identifier: str, expires: datetime = LATER
    ) -> VerificationToken:
        row = VerificationToken(identifier=identifier, token=token, expires=expires)
        created = await call(adapter.create_verification_token, row)
        assert created == row
        return row

    async def test_create_verification_token_stores_every_field(
        self, adapter: Any, store: StoreReader
    ) -> None:
        row = await self.stored_token(adapter, "t-1", "a@example.com")
        assert await call(store.verification_token, "a@example.com", "t-1") == row

    async def test_create_verification_token_twice_raises(self, adapter: Any) -> None:
        await self.stored_token(adapter, "t-secret", "a@example.com")
        with pytest.raises(Exception) as caught:  # noqa: PT011  # each driver has its own class
            await self.stored_token(adapter, "t-secret", "a@example.com")
        assert "t-secret" not in str(caught.value), "the message shows the token"

    async def test_one_identifier_may_have_many_tokens(self, adapter: Any) -> None:
        first = await self.stored_token(adapter, "t-1", "a@example.com")
        second = await self.stored_token(adapter, "t-2", "a@example.com")
        assert await call(adapter.use_verification_token, "t-2", "a@example.com") == second
        assert await call(adapter.use_verification_token, "t-1", "a@example.com") == first

    async def test_use_verification_token_returns_the_row_once(
        self, adapter: Any, store: StoreReader
    ) -> None:
        row = await self.stored_token(adapter, "t-1", "a@example.com")
        assert await call(adapter.use_verification_token, "t-1", "a@example.com") == row
        assert await call(store.verification_token, "a@example.com", "t-1") is None
        assert await call(adapter.use_verification_token, "t-1", "a@example.com") is None

    async def test_use_verification_token_without_an_identifier_goes_by_the_token(
        self, adapter: Any, store: StoreReader
    ) -> None:
        row = await self.stored_token(adapter, "t-1", "a@example.com")
        other = await self.stored_token(adapter, "t-2", "a@example.com")
        assert await call(adapter.use_verification_token, "t-1", None) == row
        assert await call(store.verification_token, "a@example.com", "t-1") is None
        assert await call(store.verification_token, "a@example.com", "t-2") == other
        assert await call(adapter.use_verification_token, "t-1", None) is None
        assert await call(adapter.use_verification_token, "t-unknown", None) is None

    # Both halves must match: adapters that looked at one of them only let strangers in
    # (CVE-2021-21310, CVE-2022-39263).
    @pytest.mark.parametrize(
        ("token", "identifier"),
        [
            ("t-1", "b@example.com"),
            ("t-2", "a@example.com"),
            ("t-unknown", "a@example.com"),
            ("T-1", "a@example.com"),
            ("t-1", "A@example.com"),
            ("t-1", "\u00e1@example.com"),
            ("t-1", ""),
            ("", "a@example.com"),
            ("%", "%"),
        ],
    )
    async def test_use_verification_token_with_half_a_match_is_none_and_keeps_the_row(
        self, adapter: Any, store: StoreReader, token: str, identifier: str
    ) -> None:
        row = await self.stored_token(adapter, "t-1", "a@example.com")
        other = await self.stored_token(adapter, "t-2", "b@example.com")
        assert await call(adapter.use_verification_token, token, identifier) is None
        assert await call(store.verification_token, "a@example.com", "t-1") == row
        assert await call(store.verification_token, "b@example.com", "t-2") == other

    async def test_use_verification_token_returns_an_expired_row_and_deletes_it(
        self, adapter: Any, store: StoreReader
    ) -> None:
        past = datetime(2001, 1, 1, tzinfo=UTC)
        row = await self.stored_token(adapter, "t-1", "a@example.com", past)
        used = await call(adapter.use_verification_token, "t-1", "a@example.com")
        assert used == (row if self.keeps_expired else None)
        assert await call(store.verification_token, "a@example.com", "t-1") is None

    async def test_a_verification_token_may_have_a_unicode_identifier(self, adapter: Any) -> None:
        expires = LATER.astimezone(timezone(timedelta(hours=8)))
        row = await self.stored_token(adapter, "t-1", "żółw@example.com", expires)
        assert await call(adapter.use_verification_token, "t-1", "żółw@example.com") == row

    @pytest.mark.parametrize("identifier", ["a@example.com", None])
    async def test_use_verification_token_at_once_lets_one_win(
        self, adapter: Any, store: StoreReader, identifier: str | None
    ) -> None:
        row = await self.stored_token(adapter, "t-1", "a@example.com")
        other = await self.stored_token(adapter, "t-2", "a@example.com")
        use = partial(adapter.use_verification_token, "t-1", identifier)
        won = await self.at_once(adapter, [use] * AT_ONCE)
        assert won.errors == []
        winners = [used for used in won.results if used is not None]
        assert winners == [row], f"redeemed {len(winners)} times"
        assert await call(store.verification_token, "a@example.com", "t-1") is None
        assert await call(store.verification_token, "a@example.com", "t-2") == other

    async def test_use_verification_token_at_once_survives_failing_neighbours(
        self, adapter: Any
    ) -> None:
        """A transaction rolled back next to a redemption must not bring the token back."""
        await self.stored_user(adapter, email="taken@example.com")
        await self.stored_token(adapter, "t-1", "a@example.com")
        redeem = partial(adapter.use_verification_token, "t-1", "a@example.com")
        fail = [
            partial(adapter.create_user, self.new_user(email="taken@example.com"))
            for _ in range(AT_ONCE // 2)
        ]
        mixed = [one for failing in fail for one in (failing, redeem)]
        won = await self.at_once(adapter, mixed)
        assert len(won.errors) == len(fail)
        assert len([used for used in won.results if used is not None]) == 1

    async def test_delete_expired_verification_tokens_keeps_those_that_are_valid(
        self, adapter: Any, store: StoreReader
    ) -> None:
        self.needs("delete_expired_verification_tokens")
        second = timedelta(seconds=1)
        await self.stored_token(adapter, "t-1", "a@example.com", LATER - second)
        await self.stored_token(adapter, "t-2", "a@example.com", LATER - second)
        valid = await self.stored_token(adapter, "t-2", "b@example.com", LATER + second)
        removed = await call(adapter.delete_expired_verification_tokens, LATER)
        assert removed == (2 if self.keeps_expired else 0)
        for token in ("t-1", "t-2"):
            found = await call(store.verification_token, "a@example.com", token)
            assert (found is None) == self.keeps_expired
        assert await call(store.verification_token, "b@example.com", "t-2") == valid

    async def test_delete_expired_verification_tokens_goes_up_to_the_limit(
        self, adapter: Any
    ) -> None:
        self.needs("delete_expired_verification_tokens")
        for n in range(5):
            await self.stored_token(adapter, f"t-{n}", "a@example.com", LATER)
        later = LATER + timedelta(seconds=1)
        removed = [
            await call(adapter.delete_expired_verification_tokens, later, 2) for _ in range(4)
        ]
        assert removed == ([2, 2, 1, 0] if self.keeps_expired else [0] * 4)
