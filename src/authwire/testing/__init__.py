"""What apps and adapters are tested with. Everything is imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from authwire.testing._signed_in import session_cookies, signed_in
    from authwire.testing.adapter_contract import AdapterContract, StoreReader
    from authwire.testing.client import AsyncAuthClient, AuthClient
    from authwire.testing.provider import (
        Callback,
        FakeClient,
        FakeProvider,
        FakeUser,
        Faults,
        InProcessHttp,
    )

__all__ = [
    "AdapterContract",
    "AsyncAuthClient",
    "AuthClient",
    "Callback",
    "FakeClient",
    "FakeProvider",
    "FakeUser",
    "Faults",
    "InProcessHttp",
    "StoreReader",
    "session_cookies",
    "signed_in",
]

_WHERE: Final = {
    "AdapterContract": "adapter_contract",  # needs pytest
    "AsyncAuthClient": "client",
    "AuthClient": "client",
    "Callback": "provider",
    "FakeClient": "provider",
    "FakeProvider": "provider",
    "FakeUser": "provider",
    "Faults": "provider",
    "InProcessHttp": "provider",
    "StoreReader": "adapter_contract",
    "session_cookies": "_signed_in",
    "signed_in": "_signed_in",
}


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
