"""The adapter, guarded: whatever it raises becomes an `AdapterError`, never "not found"."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, cast

from authwire.errors import AdapterError
from authwire.models import U
from authwire.ports import Adapter

__all__ = ["ADAPTER_METHODS", "guard", "has"]

ADAPTER_METHODS: Final = (
    "create_user",
    "get_user",
    "get_user_by_email",
    "get_user_by_account",
    "update_user",
    "delete_user",
    "link_account",
    "unlink_account",
    "get_account",
    "create_session",
    "get_session_and_user",
    "update_session",
    "delete_session",
    "create_verification_token",
    "use_verification_token",
    "create_authenticator",
    "get_authenticator",
    "list_authenticators_by_user_id",
    "update_authenticator_counter",
    # Beyond Auth.js' nineteen, optional:
    "update_account",
    "list_accounts_by_user_id",
    "update_authenticator",
    "delete_authenticator",
    "list_sessions_by_user_id",
    "delete_sessions_by_user_id",
    "delete_expired_sessions",
    "delete_expired_verification_tokens",
    "create_schema",
    "check_schema",
)


class _Guarded:
    """Has the methods it was given as attributes, and no others."""


def guard(calls: Mapping[str, Callable[..., Awaitable[Any]]], _user: type[U]) -> Adapter[U]:
    """An adapter of the given awaitable methods, each turning failures into `AdapterError`."""
    guarded = _Guarded()
    for name, call in calls.items():
        setattr(guarded, name, _guarded(name, call))
    return cast("Adapter[U]", guarded)


def has(database: Adapter[U], method: str) -> bool:
    """Whether the adapter offers ``method``."""
    return hasattr(database, method)


def _guarded(name: str, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def guarded(*args: Any) -> Any:
        try:
            return await call(*args)
        except AdapterError:
            raise
        except Exception as exc:
            # A driver's message may quote the statement's values: only its class is repeated.
            raise AdapterError(f"adapter.{name} failed with {type(exc).__name__}") from exc

    return guarded
