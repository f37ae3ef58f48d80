"""What a stolen copy of the database gives away: nothing to sign in with, no token of a provider.

Session tokens are stored as SHA-256 (they have 256 random bits, so a plain hash is enough), the tokens
of providers encrypted. Both happen here, between the core and the adapter, so that no adapter can
forget it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from types import SimpleNamespace
from typing import Any, Final, cast

from authwire.core.database import ADAPTER_METHODS, has
from authwire.errors import AdapterError
from authwire.models import Account, AdapterSession, U
from authwire.ports import Adapter
from authwire.protocol.sealed import SealBroken, UnknownKey, is_sealed, seal, unseal

__all__ = ["hashed_token", "protected"]

Methods = dict[str, Callable[..., Awaitable[Any]]]
_SEALED_FIELDS: Final = ("access_token", "refresh_token", "id_token")


def hashed_token(session_token: str) -> str:
    """What is stored of a session token."""
    return sha256(session_token.encode()).hexdigest()


def protected(database: Adapter[U], *, hash_sessions: bool, seal_with: Sequence[str]) -> Adapter[U]:
    """``database``, seen from the side where tokens are readable.

    Args:
        database: the adapter.
        hash_sessions: whether session tokens are stored as hashes.
        seal_with: secrets for the tokens of providers, newest first; none: they are stored as they are.
    """
    if not hash_sessions and not seal_with:
        return database
    methods: Methods = {
        name: getattr(database, name) for name in ADAPTER_METHODS if has(database, name)
    }
    changed: Methods = {}
    if hash_sessions:
        changed |= _hashed_sessions(methods)
    if seal_with:
        changed |= _sealed_accounts(methods, seal_with)
    # Only what the adapter has: a method that is missing must stay missing.
    kept = {name: method for name, method in changed.items() if name in methods}
    return cast("Adapter[U]", SimpleNamespace(**(methods | kept)))


def _hashed_sessions(inner: Methods) -> Methods:
    """Hashes on the way in; on the way out the caller's own token takes the hash's place."""

    async def create_session(session: AdapterSession) -> AdapterSession:
        token = session.session_token
        stored = _with_token(session, hashed_token(token))
        return _with_token(await inner["create_session"](stored), token)

    async def get_session_and_user(token: str) -> tuple[AdapterSession, Any] | None:
        held = await inner["get_session_and_user"](hashed_token(token))
        return held and (_with_token(held[0], token), held[1])

    async def update_session(token: str, expires: datetime) -> AdapterSession | None:
        row: AdapterSession | None = await inner["update_session"](hashed_token(token), expires)
        return row and _with_token(row, token)

    async def delete_session(token: str) -> AdapterSession | None:
        row: AdapterSession | None = await inner["delete_session"](hashed_token(token))
        return row and _with_token(row, token)

    async def delete_sessions_by_user_id(user_id: str, keep: str | None = None) -> int:
        kept = None if keep is None else hashed_token(keep)
        return cast("int", await inner["delete_sessions_by_user_id"](user_id, kept))

    return {
        "create_session": create_session,
        "get_session_and_user": get_session_and_user,
        "update_session": update_session,
        "delete_session": delete_session,
        "delete_sessions_by_user_id": delete_sessions_by_user_id,
    }


def _with_token(row: AdapterSession, token: str) -> AdapterSession:
    return AdapterSession(session_token=token, user_id=row.user_id, expires=row.expires)


def _sealed_accounts(inner: Methods, secrets: Sequence[str]) -> Methods:
    """Seals the tokens of providers on the way in, and opens them on the way out."""

    def closed(account: Account) -> Account:
        return _each_token(account, lambda text, at: seal(text, secrets=secrets, context=at))

    def opened(account: Account) -> Account:
        def open_one(text: str, context: str) -> str:
            # Stored by Auth.js, or before encryption was on.
            if not is_sealed(text):
                return text
            return unseal(text, secrets=secrets, context=context)

        try:
            return _each_token(account, open_one)
        except UnknownKey as exc:
            raise AdapterError(
                f"the tokens of an account are encrypted with the key {exc.key_id}, whose secret"
                " is gone: add the old secret behind the new one"
            ) from exc
        except SealBroken as exc:
            raise AdapterError("the tokens of an account were altered or moved") from exc

    async def link_account(account: Account) -> Account:
        return opened(await inner["link_account"](closed(account)))

    async def update_account(account: Account) -> Account | None:
        row = await inner["update_account"](closed(account))
        return row and opened(row)

    async def get_account(provider: str, provider_account_id: str) -> Account | None:
        row = await inner["get_account"](provider, provider_account_id)
        return row and opened(row)

    async def list_accounts_by_user_id(user_id: str) -> list[Account]:
        return [opened(row) for row in await inner["list_accounts_by_user_id"](user_id)]

    return {
        "link_account": link_account,
        "update_account": update_account,
        "get_account": get_account,
        "list_accounts_by_user_id": list_accounts_by_user_id,
    }


def _each_token(account: Account, turn: Callable[[str, str], str]) -> Account:
    """``account`` with every token of the provider turned; ``turn`` gets it and where it belongs."""
    changes: dict[str, Any] = {}
    for name in _SEALED_FIELDS:
        text = getattr(account, name)
        if text is not None:
            # Lengths keep ("a", "bc") and ("ab", "c") apart.
            owner = f"{len(account.provider)}:{account.provider}:{account.provider_account_id}"
            changes[name] = turn(text, f"{name}:{owner}")
    return replace(account, **changes) if changes else account
