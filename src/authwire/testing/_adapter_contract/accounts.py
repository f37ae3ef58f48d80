"""Accounts: which provider's user is which of ours."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, cast

import pytest

from authwire.models import Account
from authwire.testing._adapter_contract.base import (
    AT_ONCE,
    ContractBase,
    StoreReader,
    call,
    new_account,
)

__all__ = ["AccountContract"]


class AccountContract(ContractBase):
    """link_account, unlink_account, get_account, get_user_by_account, and the two beyond Auth.js."""

    keeps_extra = True
    """Whether the store has room for ``Account.extra``."""

    async def test_link_account_stores_every_field(self, adapter: Any, store: StoreReader) -> None:
        account = new_account(await self.stored_user(adapter))
        assert await call(adapter.link_account, account) == account
        key = (account.provider, account.provider_account_id)
        assert await call(store.account, *key) == account
        assert await call(adapter.get_account, *key) == account

    async def test_link_account_keeps_empty_fields_empty(self, adapter: Any) -> None:
        user = await self.stored_user(adapter)
        bare = Account(user_id=user.id, type="email", provider="mail", provider_account_id="a@b.c")
        await call(adapter.link_account, bare)
        assert await call(adapter.get_account, "mail", "a@b.c") == bare

    async def test_link_account_keeps_extra_fields(self, adapter: Any, store: StoreReader) -> None:
        extra = {"team": {"id": "T1", "roles": ["a", "ü"]}, "n": 1, "yes": True, "none": None}
        account = new_account(await self.stored_user(adapter), extra=extra)
        linked = await call(adapter.link_account, account)
        # A store without room for them must leave them out and keep the rest.
        kept = account if self.keeps_extra else replace(account, extra={})
        assert replace(linked, extra=kept.extra) == kept
        key = (account.provider, account.provider_account_id)
        assert await call(adapter.get_account, *key) == kept
        assert await call(store.account, *key) == kept

    async def test_accounts_are_copies_not_references(self, adapter: Any) -> None:
        given: dict[str, Any] = {"roles": ["a"]}
        account = new_account(await self.stored_user(adapter), extra=given)
        linked = await call(adapter.link_account, account)
        key = (account.provider, account.provider_account_id)
        given["roles"].append("changed by the giver")
        found = await call(adapter.get_account, *key)
        for copy in (linked, found):
            cast("Any", copy.extra).setdefault("roles", []).append("changed by a reader")
        kept = {"roles": ["a"]} if self.keeps_extra else {}
        assert (await call(adapter.get_account, *key)).extra == kept

    async def test_link_account_that_another_user_has_raises(
        self, adapter: Any, store: StoreReader
    ) -> None:
        owner, thief = await self.stored_user(adapter), await self.stored_user(adapter)
        account = new_account(owner)
        await call(adapter.link_account, account)
        with pytest.raises(Exception) as caught:  # noqa: PT011  # each driver has its own class
            await call(adapter.link_account, replace(account, user_id=thief.id))
        assert "access-1" not in str(caught.value), "the message shows a token"
        key = (account.provider, account.provider_account_id)
        assert await call(store.account, *key) == account
        assert await call(adapter.get_user_by_account, *key) == owner

    async def test_link_account_at_once_lets_one_win(self, adapter: Any) -> None:
        users = [await self.stored_user(adapter) for _ in range(10)]
        rivals = [new_account(users[n % 10], provider_account_id="race") for n in range(AT_ONCE)]
        won = await self.at_once(adapter, [partial(adapter.link_account, row) for row in rivals])
        assert len(won.results) == 1, f"the account has {len(won.results)} owners"
        assert len(won.errors) == AT_ONCE - 1
        assert await call(adapter.get_account, "example", "race") == won.results[0]

    async def test_one_id_at_two_providers_is_two_accounts(self, adapter: Any) -> None:
        one, two = await self.stored_user(adapter), await self.stored_user(adapter)
        await call(adapter.link_account, new_account(one, provider="p1", provider_account_id="7"))
        await call(adapter.link_account, new_account(two, provider="p2", provider_account_id="7"))
        assert await call(adapter.get_user_by_account, "p1", "7") == one
        assert await call(adapter.get_user_by_account, "p2", "7") == two

    @pytest.mark.parametrize(
        ("first", "second"),
        [("AbC", "aBc"), ("e", "\u00e9"), ("\u00e9", "e\u0301"), ("7", "07"), ("1", "1.0")],
    )
    async def test_account_ids_that_look_alike_are_different(
        self, adapter: Any, first: str, second: str
    ) -> None:
        owners = {}
        for account_id in (first, second):
            owners[account_id] = await self.stored_user(adapter)
            account = new_account(owners[account_id], provider_account_id=account_id)
            await call(adapter.link_account, account)
        for account_id, owner in owners.items():
            assert await call(adapter.get_user_by_account, "example", account_id) == owner
            assert (await call(adapter.get_account, "example", account_id)).user_id == owner.id

    @pytest.mark.parametrize(
        ("provider", "account_id"),
        [
            ("example", "ABC"),
            ("example", "abc "),
            ("example", "ab"),
            ("example", "%"),
            ("example", ""),
            ("Example", "abc"),
            ("other", "abc"),
        ],
    )
    async def test_an_unknown_account_is_none(
        self, adapter: Any, provider: str, account_id: str
    ) -> None:
        user = await self.stored_user(adapter)
        await call(adapter.link_account, new_account(user, provider_account_id="abc"))
        assert await call(adapter.get_account, provider, account_id) is None
        assert await call(adapter.get_user_by_account, provider, account_id) is None

    async def test_unlink_account_removes_only_this_account(
        self, adapter: Any, store: StoreReader
    ) -> None:
        user = await self.stored_user(adapter)
        for provider, account_id in (("p1", "7"), ("p1", "8"), ("p2", "7")):
            row = new_account(user, provider=provider, provider_account_id=account_id)
            await call(adapter.link_account, row)
        await call(adapter.unlink_account, "p1", "7")
        assert await call(store.account, "p1", "7") is None
        assert await call(adapter.get_user_by_account, "p1", "7") is None
        assert await call(store.account, "p1", "8") is not None
        assert await call(store.account, "p2", "7") is not None
        assert await call(store.user, user.id) == user

    async def test_unlink_account_that_is_unknown_does_nothing(
        self, adapter: Any, store: StoreReader
    ) -> None:
        account = await call(adapter.link_account, new_account(await self.stored_user(adapter)))
        await call(adapter.unlink_account, account.provider, "unknown")
        assert await call(store.account, account.provider, account.provider_account_id) == account

    async def test_update_account_overwrites_the_tokens_but_not_the_owner(
        self, adapter: Any, store: StoreReader
    ) -> None:
        self.needs("update_account")
        user, other = await self.stored_user(adapter), await self.stored_user(adapter)
        account = await call(adapter.link_account, new_account(user))
        bystander = await call(adapter.link_account, new_account(user))
        newer = replace(
            account,
            access_token="access-2",  # no secret
            refresh_token=None,
            expires_at=4_102_444_801,
            extra={"n": 2} if self.keeps_extra else {},
        )
        key = (account.provider, account.provider_account_id)
        assert await call(adapter.update_account, replace(newer, user_id=other.id)) == newer
        assert await call(store.account, *key) == newer
        assert await call(adapter.get_user_by_account, *key) == user
        key = (bystander.provider, bystander.provider_account_id)
        assert await call(store.account, *key) == bystander

    async def test_update_account_that_is_unknown_is_none(
        self, adapter: Any, store: StoreReader
    ) -> None:
        self.needs("update_account")
        unknown = new_account(await self.stored_user(adapter), provider_account_id="unknown")
        assert await call(adapter.update_account, unknown) is None
        assert await call(store.account, "example", "unknown") is None

    async def test_list_accounts_by_user_id_has_all_of_this_user_only(self, adapter: Any) -> None:
        self.needs("list_accounts_by_user_id")
        user, other = await self.stored_user(adapter), await self.stored_user(adapter)
        mine = [await call(adapter.link_account, new_account(user)) for _ in range(3)]
        await call(adapter.link_account, new_account(other))
        found = await call(adapter.list_accounts_by_user_id, user.id)
        assert sorted(found, key=_id) == sorted(mine, key=_id)
        assert await call(adapter.list_accounts_by_user_id, f"{user.id}0") == []


def _id(account: Account) -> str:
    return account.provider_account_id
