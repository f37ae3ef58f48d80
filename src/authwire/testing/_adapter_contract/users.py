"""Users: storing, finding, changing and deleting them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

import pytest

from authwire.models import AdapterSession, Authenticator
from authwire.testing._adapter_contract.base import (
    AT_ONCE,
    LATER,
    ContractBase,
    StoreReader,
    call,
    new_account,
)

__all__ = ["UserContract"]


class UserContract(ContractBase):
    """create_user, get_user, get_user_by_email, update_user, delete_user."""

    async def test_create_user_stores_every_field(self, adapter: Any, store: StoreReader) -> None:
        user = self.new_user(name="Ann", email_verified=LATER, image="https://example.com/a.png")
        created = await call(adapter.create_user, user)
        assert created == replace(user, id=created.id)
        assert created.id
        assert await call(store.user, created.id) == created

    async def test_create_user_without_an_id_gets_one(
        self, adapter: Any, store: StoreReader
    ) -> None:
        created = await self.stored_user(adapter, id="")
        assert created.id
        assert await call(store.user, created.id) == created

    async def test_users_without_an_email_may_be_many(
        self, adapter: Any, store: StoreReader
    ) -> None:
        for _ in range(2):
            created = await self.stored_user(adapter, email=None)
            assert await call(store.user, created.id) == created

    async def test_create_user_with_a_taken_email_raises(
        self, adapter: Any, store: StoreReader
    ) -> None:
        first = await self.stored_user(adapter, name="first")
        second = self.new_user(email=first.email)
        with pytest.raises(Exception) as caught:  # noqa: PT011  # each driver has its own class
            await call(adapter.create_user, second)
        assert first.email is not None
        assert first.email not in str(caught.value), "the message shows the address"
        assert await call(store.user, first.id) == first
        assert await call(store.user, second.id) is None

    async def test_create_user_with_one_email_at_once_lets_one_win(
        self, adapter: Any, store: StoreReader
    ) -> None:
        rivals = [self.new_user(email="race@example.com") for _ in range(AT_ONCE)]
        won = await self.at_once(adapter, [partial(adapter.create_user, user) for user in rivals])
        assert len(won.results) == 1, f"{len(won.results)} users have the same e-mail"
        assert len(won.errors) == AT_ONCE - 1
        winner = await call(adapter.get_user_by_email, "race@example.com")
        assert winner == won.results[0]
        rows = [await call(store.user, user.id) for user in rivals if user.id != winner.id]
        assert rows == [None] * len(rows)

    async def test_get_user_finds_the_user_by_id(self, adapter: Any) -> None:
        await self.stored_user(adapter)
        user = await self.stored_user(adapter, name="Ann", email_verified=LATER)
        assert await call(adapter.get_user, user.id) == user

    async def test_get_user_with_an_unknown_id_is_none(self, adapter: Any) -> None:
        user = await self.stored_user(adapter)
        assert await call(adapter.get_user, f"{user.id}0") is None

    async def test_get_user_by_email_finds_the_user(self, adapter: Any) -> None:
        await self.stored_user(adapter)
        user = await self.stored_user(adapter, email="ann@example.com")
        assert await call(adapter.get_user_by_email, "ann@example.com") == user

    @pytest.mark.parametrize("email", ["b@example.com", "a@example.co", "", "%", "_@example.com"])
    async def test_get_user_by_email_with_another_email_is_none(
        self, adapter: Any, email: str
    ) -> None:
        await self.stored_user(adapter, email="a@example.com")
        await self.stored_user(adapter, email=None)
        assert await call(adapter.get_user_by_email, email) is None

    async def test_emails_that_differ_in_an_accent_are_different(self, adapter: Any) -> None:
        plain = await self.stored_user(adapter, email="rene@example.com")
        accent = await self.stored_user(adapter, email="ren\u00e9@example.com")
        assert await call(adapter.get_user_by_email, "rene@example.com") == plain
        assert await call(adapter.get_user_by_email, "ren\u00e9@example.com") == accent

    async def test_unicode_is_kept_as_it_is(self, adapter: Any, store: StoreReader) -> None:
        name = "Zoë \u202e \U0001f469\u200d\U0001f680 é e\u0301 ' \" \\ %s ${x} \n end "
        user = await self.stored_user(adapter, name=name)
        assert (await call(adapter.get_user, user.id)).name == name
        assert (await call(store.user, user.id)).name == name

    async def test_times_come_back_with_a_time_zone(self, adapter: Any) -> None:
        east = datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=5, minutes=30)))
        user = await self.stored_user(adapter, email_verified=east)
        found = await call(adapter.get_user, user.id)
        for moment in (user.email_verified, found.email_verified):
            assert moment is not None
            assert moment == east, "another moment came back"
            assert moment.utcoffset() is not None, "a time without a time zone came back"

    async def test_update_user_changes_only_the_given_fields(
        self, adapter: Any, store: StoreReader
    ) -> None:
        other = await self.stored_user(adapter, name="other")
        user = await self.stored_user(adapter, name="Ann", image="https://example.com/a.png")
        expected = replace(user, name="Anna", email_verified=LATER)
        changes = {"name": "Anna", "email_verified": LATER}
        assert await call(adapter.update_user, user.id, changes) == expected
        assert await call(store.user, user.id) == expected
        assert await call(store.user, other.id) == other

    async def test_update_user_can_clear_a_field(self, adapter: Any, store: StoreReader) -> None:
        user = await self.stored_user(adapter, name="Ann")
        assert await call(adapter.update_user, user.id, {"name": None}) == replace(user, name=None)
        assert (await call(store.user, user.id)).name is None

    async def test_update_user_moves_the_email(self, adapter: Any) -> None:
        user = await self.stored_user(adapter, email="old@example.com")
        moved = await call(adapter.update_user, user.id, {"email": "new@example.com"})
        assert await call(adapter.get_user_by_email, "new@example.com") == moved
        assert await call(adapter.get_user_by_email, "old@example.com") is None
        await self.stored_user(adapter, email="old@example.com")

    async def test_update_user_gives_and_takes_an_email(self, adapter: Any) -> None:
        user = await self.stored_user(adapter, email=None)
        given = await call(adapter.update_user, user.id, {"email": "a@example.com"})
        assert await call(adapter.get_user_by_email, "a@example.com") == given
        assert await call(adapter.update_user, user.id, {"email": None}) == user
        assert await call(adapter.get_user_by_email, "a@example.com") is None
        await call(adapter.delete_user, user.id)
        assert await call(adapter.get_user, user.id) is None

    async def test_update_user_to_its_own_email_changes_nothing(self, adapter: Any) -> None:
        user = await self.stored_user(adapter)
        assert await call(adapter.update_user, user.id, {"email": user.email}) == user
        assert await call(adapter.get_user_by_email, user.email) == user

    async def test_update_user_without_changes_returns_the_user(self, adapter: Any) -> None:
        user = await self.stored_user(adapter)
        assert await call(adapter.update_user, user.id, {}) == user

    async def test_update_user_to_a_taken_email_raises(
        self, adapter: Any, store: StoreReader
    ) -> None:
        first, second = await self.stored_user(adapter), await self.stored_user(adapter)
        with pytest.raises(Exception):  # noqa: B017, PT011  # each driver has its own class
            await call(adapter.update_user, second.id, {"email": first.email, "name": "x"})
        assert await call(store.user, first.id) == first
        assert await call(store.user, second.id) == second
        assert await call(adapter.get_user_by_email, first.email) == first

    async def test_update_user_with_an_unknown_id_raises_lookup_error(self, adapter: Any) -> None:
        user = await self.stored_user(adapter)
        with pytest.raises(LookupError):
            await call(adapter.update_user, f"{user.id}0", {"name": "x"})

    async def test_delete_user_deletes_what_belongs_to_it_and_nothing_else(
        self, adapter: Any, store: StoreReader
    ) -> None:
        rows = {}
        for name in ("gone", "kept"):
            user = await self.stored_user(adapter, name=name)
            account = await call(adapter.link_account, new_account(user))
            session = AdapterSession(session_token=f"s-{name}", user_id=user.id, expires=LATER)
            await call(adapter.create_session, session)
            rows[name] = (user, account)
        await call(adapter.delete_user, rows["gone"][0].id)
        for name, kept in (("gone", False), ("kept", True)):
            user, account = rows[name]
            key = (account.provider, account.provider_account_id)
            found = [
                await call(store.user, user.id),
                await call(store.account, *key),
                await call(store.session, f"s-{name}"),
            ]
            assert [row is not None for row in found] == [kept] * 3
            assert (await call(adapter.get_user_by_email, user.email) is not None) == kept
            assert (await call(adapter.get_user_by_account, *key) is not None) == kept
            assert (await call(adapter.get_session_and_user, f"s-{name}") is not None) == kept

    async def test_delete_user_deletes_its_passkeys(self, adapter: Any, store: StoreReader) -> None:
        self.needs("create_authenticator")
        user = await self.stored_user(adapter)
        passkey = Authenticator(
            credential_id="AQID",
            user_id=user.id,
            provider_account_id="AQID",
            credential_public_key="BAUG",
            counter=0,
            credential_device_type="singleDevice",
            credential_backed_up=False,
        )
        await call(adapter.create_authenticator, passkey)
        assert await call(store.authenticator, "AQID") is not None
        await call(adapter.delete_user, user.id)
        assert await call(store.authenticator, "AQID") is None

    async def test_delete_user_frees_the_email(self, adapter: Any) -> None:
        user = await self.stored_user(adapter)
        await call(adapter.delete_user, user.id)
        again = await self.stored_user(adapter, email=user.email)
        assert await call(adapter.get_user_by_email, user.email) == again

    async def test_delete_user_with_an_unknown_id_does_nothing(
        self, adapter: Any, store: StoreReader
    ) -> None:
        user = await self.stored_user(adapter)
        await call(adapter.delete_user, f"{user.id}0")
        assert await call(store.user, user.id) == user
