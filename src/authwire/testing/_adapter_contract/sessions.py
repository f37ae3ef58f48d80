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
    """create_session, get_session_and_user, update_session, delete_session."""

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
        assert await call(adapter.get_session_and_user, "s-old") == (session, user)

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
