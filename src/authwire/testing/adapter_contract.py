"""Tests that every adapter must pass, to be run on your own one with pytest.

For example::

    class TestMyAdapter(AdapterContract):
        @pytest.fixture
        async def adapter(self):
            adapter = MyAdapter("postgres://localhost/test")
            await adapter.delete_everything()
            return adapter

        @pytest.fixture
        def store(self, adapter):
            return MyReader(adapter.connection)  # a `StoreReader`

The adapter may be async or sync. Its rows are checked twice: through its own methods and, behind
its back, through `StoreReader`. Needs pytest and anyio's plugin for it (anyio brings that along).
"""

from __future__ import annotations

from typing import Any

from authwire.ports import Adapter
from authwire.testing._adapter_contract.accounts import AccountContract
from authwire.testing._adapter_contract.authenticators import AuthenticatorContract
from authwire.testing._adapter_contract.base import StoreReader, call
from authwire.testing._adapter_contract.sessions import SessionContract
from authwire.testing._adapter_contract.users import UserContract
from authwire.testing._adapter_contract.verification_tokens import VerificationTokenContract

__all__ = ["AdapterContract", "StoreReader", "call"]


class AdapterContract(
    UserContract,
    AccountContract,
    SessionContract,
    VerificationTokenContract,
    AuthenticatorContract,
):
    """Subclass it under a name that starts with ``Test`` and override `adapter` and `store`.

    Override too, where needed: ``anyio_backend`` (default: asyncio), ``callers``, ``missing``,
    ``keeps_expired``, ``keeps_extra``, ``keeps_names`` and ``new_user``. Each is explained where it is defined.
    """

    async def test_the_adapter_has_all_methods(self, adapter: Any) -> None:
        names = [name for name in vars(Adapter) if not name.startswith("_")]
        absent = {name for name in names if not callable(getattr(adapter, name, None))}
        assert absent == self.missing

    async def test_nothing_is_missing_after_create_schema(self, adapter: Any) -> None:
        self.needs("create_schema", "check_schema")
        await call(adapter.create_schema)
        await call(adapter.create_schema)
        assert await call(adapter.check_schema) == []
