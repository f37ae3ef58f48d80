"""Sessions kept in the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any

import pytest

from authwire.models import AdapterSession, User
from authwire.testing._adapter_contract.base import (
    AT_ONCE,
    LATER,
    ContractBase,
    StoreReader,
    call,
)

__all__ = ["SessionContract"]


class SessionContract(ContractBase):
    """create_, update_ and delete_session, get_session_and_user, and those of a user or expired."""

    async def stored_session(
        self, adapter: Any, user: User, token: str, expires: datetime = LATER
    ) -> AdapterSession:
        session = AdapterSession(session_token=token, user_id=user.id, expires=expires)
        created = await call(adapter.create_session, session)
        assert created == session
        return session

    async def test_create_session_stores_every_field(
        self, adapter: Any, store: StoreReader
    ) -> None:
        session = await self.stored_session(adapter, await self.stored_user(adapter), "s-1")
        assert await call(store.session, "s-1") == session

    async def test_create_session_with_a_taken_token_raises(
        self, adapter: Any, store: StoreReader
    ) -> None:
        session = await self.stored_session(adapter, await self.stored_user(adapter), "s-secret")
        thief = await self.stored_user(adapter)
        with pytest.raises(Exception) as caught:  # noqa: PT011  # each driver has its own class
            await self.stored_session(adapter, thief, "s-secret")
        assert "s-secret" not in str(caught.value), "the message shows the token"
        assert await call(store.session, "s-secret") == session

    async def test_get_session_and_user_returns_both(self, adapter: Any) -> None:
        user, other = await self.stored_user(adapter, name="Ann"), await self.stored_user(adapter)
        mine = await self.stored_session(adapter, user, "s-1")
        theirs = await self.stored_session(adapter, other, "s-2")
        assert await call(adapter.get_session_and_user, "s-1") == (mine, user)
        assert await call(adapter.get_session_and_user, "s-2") == (theirs, other)

    @pytest.mark.parametrize("token", ["S-1", "s-1 ", "s-", "%", "", "\u017f-1"])
    async def test_get_session_and_user_with_another_token_is_none(
        self, adapter: Any, token: str
    ) -> None:
        await self.stored_session(adapter, await self.stored_user(adapter), "s-1")
        assert await call(adapter.get_session_and_user, token) is None

    async def test_get_session_and_user_returns_an_expired_session_too(self, adapter: Any) -> None:
        user = await self.stored_user(adapter)
        past = datetime(2001, 1, 1, tzinfo=UTC)
        session = await self.stored_session(adapter, user, "s-old", past)
        expected = (session, user) if self.keeps_expired else None
        assert await call(adapter.get_session_and_user, "s-old") == expected

    async def test_expires_comes_back_with_a_time_zone(self, adapter: Any) -> None:
        west = LATER.astimezone(timezone(-timedelta(hours=9)))
        await self.stored_session(adapter, await self.stored_user(adapter), "s-1", west)
        session, _ = await call(adapter.get_session_and_user, "s-1")
        assert session.expires == LATER
        assert session.expires.utcoffset() is not None

    async def test_update_session_moves_only_expires(
        self, adapter: Any, store: StoreReader
    ) -> None:
        user = await self.stored_user(adapter)
        other = await self.stored_session(adapter, user, "s-1")
        session = await self.stored_session(adapter, user, "s-2")
        moved = replace(session, expires=LATER + timedelta(days=30))
        assert await call(adapter.update_session, "s-2", moved.expires) == moved
        assert await call(store.session, "s-2") == moved
        assert await call(store.session, "s-1") == other

    async def test_update_session_with_an_unknown_token_is_none(
        self, adapter: Any, store: StoreReader
    ) -> None:
        assert await call(adapter.update_session, "s-unknown", LATER) is None
        assert await call(store.session, "s-unknown") is None

    async def test_delete_session_returns_the_row(self, adapter: Any, store: StoreReader) -> None:
        user = await self.stored_user(adapter)
        session = await self.stored_session(adapter, user, "s-1")
        other = await self.stored_session(adapter, user, "s-2")
        assert await call(adapter.delete_session, "s-1") == session
        assert await call(store.session, "s-1") is None
        assert await call(adapter.get_session_and_user, "s-1") is None
        assert await call(store.session, "s-2") == other
        assert await call(store.user, user.id) == user

    async def test_delete_session_with_an_unknown_token_is_none(self, adapter: Any) -> None:
        assert await call(adapter.delete_session, "s-unknown") is None

    async def test_delete_session_at_once_never_fails(
        self, adapter: Any, store: StoreReader
    ) -> None:
        await self.stored_session(adapter, await self.stored_user(adapter), "s-1")
        won = await self.at_once(adapter, [partial(adapter.delete_session, "s-1")] * AT_ONCE)
        assert won.errors == []
        assert await call(store.session, "s-1") is None

    async def test_list_sessions_by_user_id_has_all_of_this_user_only(self, adapter: Any) -> None:
        self.needs("list_sessions_by_user_id")
        user, other = await self.stored_user(adapter), await self.stored_user(adapter)
        mine = [await self.stored_session(adapter, user, f"s-{n}") for n in range(3)]
        await self.stored_session(adapter, other, "s-other")
        found = await call(adapter.list_sessions_by_user_id, user.id)
        assert sorted(found, key=lambda row: row.session_token) == mine
        assert await call(adapter.list_sessions_by_user_id, f"{user.id}0") == []

    async def test_list_sessions_by_user_id_leaves_out_what_was_deleted(self, adapter: Any) -> None:
        self.needs("list_sessions_by_user_id")
        user = await self.stored_user(adapter)
        await self.stored_session(adapter, user, "s-1")
        kept = await self.stored_session(adapter, user, "s-2")
        await call(adapter.delete_session, "s-1")
        assert await call(adapter.list_sessions_by_user_id, user.id) == [kept]

    @pytest.mark.parametrize("keep", [None, "s-1", "s-other", "s-unknown"])
    async def test_delete_sessions_by_user_id_deletes_all_but_the_one_to_keep(
        self, adapter: Any, store: StoreReader, keep: str | None
    ) -> None:
        self.needs("delete_sessions_by_user_id")
        user, other = await self.stored_user(adapter), await self.stored_user(adapter)
        mine = {f"s-{n}": await self.stored_session(adapter, user, f"s-{n}") for n in range(3)}
        theirs = await self.stored_session(adapter, other, "s-other")
        removed = await call(adapter.delete_sessions_by_user_id, user.id, keep)
        assert removed == (2 if keep in mine else 3)
        for token, row in mine.items():
            assert await call(store.session, token) == (row if token == keep else None)
        assert await call(store.session, "s-other") == theirs
        assert await call(store.user, user.id) == user

    async def test_delete_sessions_by_user_id_without_any_is_zero(self, adapter: Any) -> None:
        self.needs("delete_sessions_by_user_id")
        assert await call(adapter.delete_sessions_by_user_id, "unknown") == 0

    async def test_delete_expired_sessions_keeps_those_that_are_valid(
        self, adapter: Any, store: StoreReader
    ) -> None:
        self.needs("delete_expired_sessions")
        user, second = await self.stored_user(adapter), timedelta(seconds=1)
        await self.stored_session(adapter, user, "s-1", LATER - second)
        await self.stored_session(adapter, user, "s-2", LATER - second)
        valid = await self.stored_session(adapter, user, "s-3", LATER + second)
        removed = await call(adapter.delete_expired_sessions, LATER)
        assert removed == (2 if self.keeps_expired else 0)
        for token in ("s-1", "s-2"):
            assert (await call(store.session, token) is None) == self.keeps_expired
        assert await call(store.session, "s-3") == valid

    async def test_delete_expired_sessions_goes_up_to_the_limit(self, adapter: Any) -> None:
        self.needs("delete_expired_sessions")
        user = await self.stored_user(adapter)
        for n in range(5):
            await self.stored_session(adapter, user, f"s-{n}", LATER)
        later = LATER + timedelta(seconds=1)
        removed = [await call(adapter.delete_expired_sessions, later, 2) for _ in range(4)]
        assert removed == ([2, 2, 1, 0] if self.keeps_expired else [0] * 4)

    async def test_a_session_rolled_on_while_expired_ones_are_deleted_stays(
        self, adapter: Any, store: StoreReader
    ) -> None:
        """Cleaning up runs beside the app."""
        self.needs("delete_expired_sessions")
        await self.stored_session(adapter, await self.stored_user(adapter), "s-1", LATER)
        rolled = await call(adapter.update_session, "s-1", LATER + timedelta(days=1))
        await call(adapter.delete_expired_sessions, LATER + timedelta(seconds=1))
        assert await call(store.session, "s-1") == rolled
