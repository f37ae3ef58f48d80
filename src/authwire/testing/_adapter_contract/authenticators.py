"""Authenticators: passkeys. Naming and removing them goes beyond Auth.js."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import pytest

from authwire.models import Authenticator, User
from authwire.testing._adapter_contract.base import ContractBase, StoreReader, call

__all__ = ["AuthenticatorContract"]


class AuthenticatorContract(ContractBase):
    """create_, get_, update_ and delete_authenticator, list_…_by_user_id, …_counter."""

    keeps_names: ClassVar[bool] = True
    """Whether the store has room for the names of passkeys. Auth.js' own tables have not."""

    async def stored_authenticator(
        self, adapter: Any, user: User, credential_id: str, **changes: Any
    ) -> Authenticator:
        self.needs(
            "create_authenticator",
            "get_authenticator",
            "list_authenticators_by_user_id",
            "update_authenticator_counter",
        )
        values: dict[str, Any] = {
            "credential_id": credential_id,
            "user_id": user.id,
            "provider_account_id": credential_id,
            "credential_public_key": "pQECAyYgASFY+/8=",
            "counter": 0,
            "credential_device_type": "multiDevice",
            "credential_backed_up": True,
            "transports": "internal,hybrid",
        }
        row = Authenticator(**values | changes)
        created = await call(adapter.create_authenticator, row)
        assert created == row
        return row

    async def test_create_authenticator_stores_every_field(
        self, adapter: Any, store: StoreReader
    ) -> None:
        row = await self.stored_authenticator(adapter, await self.stored_user(adapter), "a+/b0==")
        assert await call(store.authenticator, "a+/b0==") == row

    async def test_get_authenticator_keeps_types_and_empty_fields(self, adapter: Any) -> None:
        row = await self.stored_authenticator(
            adapter,
            await self.stored_user(adapter),
            "AQID",
            counter=4_294_967_295,
            credential_device_type="singleDevice",
            credential_backed_up=False,
            transports=None,
        )
        found = await call(adapter.get_authenticator, "AQID")
        assert found == row
        assert found.credential_backed_up is False

    @pytest.mark.parametrize("credential_id", ["aQID", "AQI", "AQID ", "", "%"])
    async def test_get_authenticator_with_another_id_is_none(
        self, adapter: Any, credential_id: str
    ) -> None:
        await self.stored_authenticator(adapter, await self.stored_user(adapter), "AQID")
        assert await call(adapter.get_authenticator, credential_id) is None

    async def test_credential_ids_differ_in_case(self, adapter: Any) -> None:
        user = await self.stored_user(adapter)
        upper = await self.stored_authenticator(adapter, user, "AQID")
        lower = await self.stored_authenticator(adapter, user, "aqid")
        assert await call(adapter.get_authenticator, "AQID") == upper
        assert await call(adapter.get_authenticator, "aqid") == lower

    async def test_create_authenticator_with_a_taken_id_raises(
        self, adapter: Any, store: StoreReader
    ) -> None:
        row = await self.stored_authenticator(adapter, await self.stored_user(adapter), "AQID")
        thief = await self.stored_user(adapter)
        with pytest.raises(Exception):  # noqa: B017, PT011  # each driver has its own class
            await self.stored_authenticator(adapter, thief, "AQID")
        assert await call(store.authenticator, "AQID") == row

    async def test_a_credential_id_may_have_500_bytes(self, adapter: Any) -> None:
        long = "A" * 668
        row = await self.stored_authenticator(adapter, await self.stored_user(adapter), long)
        assert await call(adapter.get_authenticator, long) == row

    async def test_list_authenticators_by_user_id_has_all_of_this_user_only(
        self, adapter: Any
    ) -> None:
        user, other = await self.stored_user(adapter), await self.stored_user(adapter)
        mine = [await self.stored_authenticator(adapter, user, f"AQI{n}") for n in range(3)]
        await self.stored_authenticator(adapter, other, "AQI9")
        found = await call(adapter.list_authenticators_by_user_id, user.id)
        assert sorted(found, key=lambda row: row.credential_id) == mine
        assert await call(adapter.list_authenticators_by_user_id, f"{user.id}0") == []

    async def test_update_authenticator_counter_changes_only_the_counter(
        self, adapter: Any, store: StoreReader
    ) -> None:
        user = await self.stored_user(adapter)
        row = await self.stored_authenticator(adapter, user, "AQID")
        other = await self.stored_authenticator(adapter, user, "AQIE")
        counted = replace(row, counter=7)
        assert await call(adapter.update_authenticator_counter, "AQID", 7) == counted
        assert await call(store.authenticator, "AQID") == counted
        assert await call(store.authenticator, "AQIE") == other

    async def test_update_authenticator_counter_with_an_unknown_id_raises(
        self, adapter: Any
    ) -> None:
        await self.stored_authenticator(adapter, await self.stored_user(adapter), "AQID")
        with pytest.raises(LookupError):
            await call(adapter.update_authenticator_counter, "AQIE", 7)

    async def test_update_authenticator_changes_only_what_is_given(
        self, adapter: Any, store: StoreReader
    ) -> None:
        self.needs("update_authenticator")
        user = await self.stored_user(adapter)
        row = await self.stored_authenticator(adapter, user, "AQID")
        other = await self.stored_authenticator(adapter, user, "AQIE")
        if not self.keeps_names:
            backed_up = replace(row, credential_backed_up=not row.credential_backed_up)
            changes = {"credential_backed_up": backed_up.credential_backed_up}
            assert await call(adapter.update_authenticator, "AQID", changes) == backed_up
            assert await call(store.authenticator, "AQIE") == other
            return
        named = replace(row, name="Ada's laptop 💻")
        assert await call(adapter.update_authenticator, "AQID", {"name": named.name}) == named
        assert await call(adapter.get_authenticator, "AQID") == named
        assert await call(store.authenticator, "AQIE") == other
        assert await call(adapter.update_authenticator, "AQID", {"name": None}) == row

    async def test_update_authenticator_refuses_a_field_that_it_cannot_keep(
        self, adapter: Any, store: StoreReader
    ) -> None:
        self.needs("update_authenticator")
        row = await self.stored_authenticator(adapter, await self.stored_user(adapter), "AQID")
        unknown = {"colour": "blue"} if self.keeps_names else {"name": "Ada's laptop"}
        with pytest.raises(TypeError):
            await call(adapter.update_authenticator, "AQID", unknown)
        assert await call(store.authenticator, "AQID") == row

    async def test_update_authenticator_with_an_unknown_id_raises(self, adapter: Any) -> None:
        self.needs("update_authenticator")
        await self.stored_authenticator(adapter, await self.stored_user(adapter), "AQID")
        with pytest.raises(LookupError):
            await call(adapter.update_authenticator, "AQIE", {"counter": 7})

    async def test_delete_authenticator_returns_the_row_and_leaves_the_others(
        self, adapter: Any, store: StoreReader
    ) -> None:
        self.needs("delete_authenticator")
        user = await self.stored_user(adapter)
        row = await self.stored_authenticator(adapter, user, "AQID")
        other = await self.stored_authenticator(adapter, user, "aqid")
        assert await call(adapter.delete_authenticator, "AQID") == row
        assert await call(adapter.delete_authenticator, "AQID") is None
        assert await call(store.authenticator, "AQID") is None
        assert await call(store.authenticator, "aqid") == other
