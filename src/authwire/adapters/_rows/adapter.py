"""The methods of an adapter, on statements that an ORM's connection runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from authwire.adapters._rows.store import RowStore
from authwire.adapters._rules import (
    ACCOUNT_LINKED,
    CREDENTIAL_TAKEN,
    EMAIL_TAKEN,
    NO_SUCH_AUTHENTICATOR,
    NO_SUCH_USER,
    SESSION_TAKEN,
    TOKEN_TAKEN,
    USER_ID_TAKEN,
    keep_id,
    taken,
    with_id,
)
from authwire.models import (
    Account,
    AdapterSession,
    Authenticator,
    U,
    VerificationToken,
)

__all__ = ["RowAdapter"]


class RowAdapter(RowStore[U]):
    """Everything but the connection. Each method is one transaction, mostly of one statement."""

    shared_with_authjs = False
    """Auth.js has no adapter for these ORMs."""

    # --- users ----------------------------------------------------------------------------------

    async def create_user(self, user: U) -> U:
        """Store a user; an empty id is replaced by a new one.

        Raises:
            AdapterError: if the id or the e-mail is taken.
        """
        stored = with_id(user)
        keys = {USER_ID_TAKEN: {"id": stored.id}}
        if stored.email is not None:
            keys[EMAIL_TAKEN] = {"email": stored.email}
        return await self._insert(self._tables().user, stored, keys)

    async def get_user(self, user_id: str) -> U | None:
        return await self._find(self._tables().user, {"id": user_id})

    async def get_user_by_email(self, email: str) -> U | None:
        return await self._find(self._tables().user, {"email": email})

    async def get_user_by_account(self, provider: str, provider_account_id: str) -> U | None:
        found = await self._find_with_owner(
            self._tables().account, _account_key(provider, provider_account_id)
        )
        return None if found is None else found[1]

    async def update_user(self, user_id: str, changes: Mapping[str, Any]) -> U:
        """Change the given fields.

        Raises:
            LookupError: if there is no such user.
            TypeError: if a user has no such field.
            ValueError: if the id would change.
            AdapterError: if the e-mail is taken.
        """
        keep_id(changes, "id", user_id)
        users, key, failed = self._tables().user, {"id": user_id}, None
        updated = None
        try:
            updated = await self._update(users, changes, key)
        except Exception as exc:
            if not self._is_refusal(exc):
                raise
            failed = type(exc).__name__
        if failed is not None:
            email = changes.get("email")
            keys = {} if email is None else {EMAIL_TAKEN: {"email": email}}
            raise taken(await self._blamed(users, keys, failed, other_than=key))
        if updated is None:
            raise LookupError(NO_SUCH_USER)
        return updated

    async def delete_user(self, user_id: str) -> None:
        tables = self._tables()
        # Not left to ON DELETE CASCADE alone: SQLite ignores that unless a pragma is set.
        async with self._transaction():
            for owned in (tables.session, tables.account, tables.authenticator):
                await self._execute(owned.delete({"user_id": user_id}))
            await self._execute(tables.user.delete({"id": user_id}))

    # --- accounts -------------------------------------------------------------------------------

    async def link_account(self, account: Account) -> Account:
        """Store an account.

        Raises:
            AdapterError: if it is linked already, or its user is unknown.
        """
        key = _account_key(account.provider, account.provider_account_id)
        return await self._insert(self._tables().account, account, {ACCOUNT_LINKED: key})

    async def unlink_account(self, provider: str, provider_account_id: str) -> None:
        key = _account_key(provider, provider_account_id)
        await self._execute(self._tables().account.delete(key))

    async def get_account(self, provider: str, provider_account_id: str) -> Account | None:
        return await self._find(self._tables().account, _account_key(provider, provider_account_id))

    async def update_account(self, account: Account) -> Account | None:
        """Overwrite all but the account's key, owner and type."""
        accounts = self._tables().account
        key = _account_key(account.provider, account.provider_account_id)
        fixed = {"user_id", "type", *key}
        names = [name for name in accounts.columns if name not in fixed]
        return await self._update(accounts, {name: getattr(account, name) for name in names}, key)

    async def list_accounts_by_user_id(self, user_id: str) -> list[Account]:
        return await self._find_all(self._tables().account, {"user_id": user_id})

    # --- sessions -------------------------------------------------------------------------------

    async def create_session(self, session: AdapterSession) -> AdapterSession:
        """Store a session.

        Raises:
            AdapterError: if the token is taken, or its user is unknown.
        """
        key = {"session_token": session.session_token}
        return await self._insert(self._tables().session, session, {SESSION_TAKEN: key})

    async def get_session_and_user(self, session_token: str) -> tuple[AdapterSession, U] | None:
        return await self._find_with_owner(self._tables().session, {"session_token": session_token})

    async def update_session(self, session_token: str, expires: datetime) -> AdapterSession | None:
        return await self._update(
            self._tables().session, {"expires": expires}, {"session_token": session_token}
        )

    async def delete_session(self, session_token: str) -> AdapterSession | None:
        return await self._take(self._tables().session, {"session_token": session_token})

    async def list_sessions_by_user_id(self, user_id: str) -> list[AdapterSession]:
        return await self._find_all(self._tables().session, {"user_id": user_id})

    async def delete_sessions_by_user_id(self, user_id: str, keep: str | None = None) -> int:
        return await self._execute(self._tables().session.delete({"user_id": user_id}, keep=keep))

    async def delete_expired_sessions(self, now: datetime, limit: int | None = None) -> int:
        return await self._execute(self._tables().session.delete_expired(now, limit))

    # --- verification tokens --------------------------------------------------------------------

    async def create_verification_token(self, token: VerificationToken) -> VerificationToken:
        """Store a token.

        Raises:
            AdapterError: if this identifier has this token already.
        """
        key = {"identifier": token.identifier, "token": token.token}
        return await self._insert(self._tables().verification_token, token, {TOKEN_TAKEN: key})

    async def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None:
        """Take the row out. Without an identifier all rows of that token go; one is returned."""
        key = {"token": token} | ({} if identifier is None else {"identifier": identifier})
        return await self._take(self._tables().verification_token, key)

    async def delete_expired_verification_tokens(
        self, now: datetime, limit: int | None = None
    ) -> int:
        return await self._execute(self._tables().verification_token.delete_expired(now, limit))

    # --- authenticators -------------------------------------------------------------------------

    async def create_authenticator(self, authenticator: Authenticator) -> Authenticator:
        """Store a passkey.

        Raises:
            AdapterError: if its id is taken, or its user is unknown.
        """
        key = {"credential_id": authenticator.credential_id}
        return await self._insert(
            self._tables().authenticator, authenticator, {CREDENTIAL_TAKEN: key}
        )

    async def get_authenticator(self, credential_id: str) -> Authenticator | None:
        return await self._find(self._tables().authenticator, {"credential_id": credential_id})

    async def list_authenticators_by_user_id(self, user_id: str) -> list[Authenticator]:
        return await self._find_all(self._tables().authenticator, {"user_id": user_id})

    async def update_authenticator_counter(self, credential_id: str, counter: int) -> Authenticator:
        """Set the signature counter.

        Raises:
            LookupError: if there is no such passkey.
        """
        return await self.update_authenticator(credential_id, {"counter": counter})

    async def update_authenticator(
        self, credential_id: str, changes: Mapping[str, Any]
    ) -> Authenticator:
        """Change the given fields.

        Raises:
            LookupError: if there is no such passkey.
            TypeError: if a field has no column.
            ValueError: if the id would change.
        """
        keep_id(changes, "credential_id", credential_id)
        key = {"credential_id": credential_id}
        updated = await self._update(self._tables().authenticator, changes, key)
        if updated is None:
            raise LookupError(NO_SUCH_AUTHENTICATOR)
        return updated

    async def delete_authenticator(self, credential_id: str) -> Authenticator | None:
        return await self._take(self._tables().authenticator, {"credential_id": credential_id})


def _account_key(provider: str, provider_account_id: str) -> dict[str, str]:
    return {"provider": provider, "provider_account_id": provider_account_id}
