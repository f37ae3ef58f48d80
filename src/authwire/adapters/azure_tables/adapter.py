"""The adapter: users with their rows in a partition each, and claims that lead there."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace as changed
from datetime import datetime
from typing import Any, Final, Generic, Literal, cast

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.data.tables import TableErrorCode

from authwire.adapters._rules import (
    ACCOUNT_LINKED,
    CREDENTIAL_TAKEN,
    EMAIL_TAKEN,
    NO_SUCH_AUTHENTICATOR,
    NO_SUCH_USER,
    SESSION_TAKEN,
    TOKEN_TAKEN,
    USER_ID_TAKEN,
    account_changes,
    keep_id,
    taken,
    with_id,
)
from authwire.adapters.azure_tables import keys
from authwire.adapters.azure_tables.claims import ATTEMPTS, RESTLESS, Holds, alive
from authwire.adapters.azure_tables.entities import Entities, Entity
from authwire.adapters.azure_tables.home import Home, Owned
from authwire.adapters.azure_tables.store import BATCH, Store, create, delete, replace
from authwire.errors import AdapterError
from authwire.models import Account, AdapterSession, Authenticator, U, User, VerificationToken

__all__ = ["AzureTablesAdapter"]


class AzureTablesAdapter(Generic[U]):
    """Everything in one table.

    With a client of ``azure.data.tables`` (not ``.aio``) no method ever suspends, so sync apps can
    drive them.

    Args:
        client: a ``TableClient`` of azure-data-tables, async or sync. It is not closed here.
        user: your `User` subclass, if you have one.

    Raises:
        TypeError: if a field of ``user`` is named like a property that rows need, such as ``RowKey``.
    """

    shared_with_authjs: Final = False

    def __init__(self, client: Any, *, user: type[U] | None = None) -> None:
        self._store = Store(client)
        self._home = home = Home(self._store)
        self._user = Entities(cast("type[U]", user or User))
        self._accounts = Owned(home, Account, keys.ACCOUNT, ACCOUNT_LINKED)
        self._sessions = Owned(home, AdapterSession, keys.SESSION, SESSION_TAKEN)
        self._authenticators = Owned(home, Authenticator, keys.PASSKEY, CREDENTIAL_TAKEN)
        self._token = Entities(VerificationToken)

    @property
    def io(self) -> Literal["async", "blocking"]:
        """Whether the methods wait in an event loop or block the thread."""
        return "async" if self._store.is_async else "blocking"

    # --- users ----------------------------------------------------------------------------------

    async def create_user(self, user: U) -> U:
        """Store a user; an empty id is replaced by a new one.

        Raises:
            AdapterError: if the id or the e-mail is taken.
        """
        stored = with_id(user)
        row = {"PartitionKey": keys.home(stored.id), "RowKey": keys.USER} | self._user.dump(stored)
        if stored.email is None:
            written = await self._store.commit(create(row))
        else:
            claim, holds = keys.key(keys.EMAIL, stored.email), self._has(stored.email)
            claims = self._home.claims
            written = await claims.write(claim, stored.id, row, EMAIL_TAKEN, holds=holds)
        if not written.done:
            raise taken(USER_ID_TAKEN)
        return self._user.load(row)

    async def get_user(self, user_id: str) -> U | None:
        row = await self._store.get(keys.home(user_id), keys.USER)
        return None if row is None or not alive(row) else self._user.load(row)

    async def get_user_by_email(self, email: str) -> U | None:
        claim = await self._home.claims.get(keys.key(keys.EMAIL, email))
        user = None if claim is None else await self.get_user(claim["user_id"])
        return user if user is not None and user.email == email else None

    async def get_user_by_account(self, provider: str, provider_account_id: str) -> U | None:
        found = await self._accounts.get_with_user(provider, provider_account_id)
        return None if found is None else self._user.load(found[1])

    async def update_user(self, user_id: str, changes: Mapping[str, Any]) -> U:
        """Change the given fields.

        Raises:
            LookupError: if there is no such user.
            TypeError: if a user has no such field.
            ValueError: if the id would change.
            AdapterError: if the e-mail is taken.
        """
        keep_id(changes, "id", user_id)
        self._user.documents.dump_fields(changes)
        for _ in range(ATTEMPTS):
            row = await self._store.get(keys.home(user_id), keys.USER)
            if row is None or not alive(row):
                raise LookupError(NO_SUCH_USER)
            old = self._user.load(row)
            entity = self._user.update(row, changed(old, **changes))
            if await self._written(row, entity, old.email, changes.get("email", old.email)):
                return self._user.load(entity)
        raise AdapterError(RESTLESS)

    async def delete_user(self, user_id: str) -> None:
        """Delete the user and what is theirs: up to 99 rows in one transaction.

        Of more, sessions go first, then passkeys and accounts; the user goes with the last of them.
        Until then they can be deleted again.

        Raises:
            AdapterError: if the user changes all the time.
        """
        await self._home.delete_user(user_id, self._claim_of)

    # --- accounts -------------------------------------------------------------------------------

    async def link_account(self, account: Account) -> Account:
        """Store an account.

        Raises:
            AdapterError: if it is linked already, or its user is unknown.
        """
        names = (account.provider, account.provider_account_id)
        return await self._accounts.create(account, account.user_id, *names)

    async def unlink_account(self, provider: str, provider_account_id: str) -> None:
        await self._accounts.take(provider, provider_account_id)

    async def get_account(self, provider: str, provider_account_id: str) -> Account | None:
        return await self._accounts.get(provider, provider_account_id)

    async def update_account(self, account: Account) -> Account | None:
        """Overwrite all but the account's key, owner and type."""
        names = (account.provider, account.provider_account_id)
        return await self._accounts.update(lambda old: account_changes(account, old), *names)

    async def list_accounts_by_user_id(self, user_id: str) -> list[Account]:
        return await self._accounts.list(user_id)

    # --- sessions -------------------------------------------------------------------------------

    async def create_session(self, session: AdapterSession) -> AdapterSession:
        """Store a session.

        Raises:
            AdapterError: if the token is taken, or its user is unknown.
        """
        return await self._sessions.create(session, session.user_id, session.session_token)

    async def get_session_and_user(self, session_token: str) -> tuple[AdapterSession, U] | None:
        found = await self._sessions.get_with_user(session_token)
        return None if found is None else (found[0], self._user.load(found[1]))

    async def update_session(self, session_token: str, expires: datetime) -> AdapterSession | None:
        return await self._sessions.update(lambda old: changed(old, expires=expires), session_token)

    async def delete_session(self, session_token: str) -> AdapterSession | None:
        return await self._sessions.take(session_token)

    async def list_sessions_by_user_id(self, user_id: str) -> list[AdapterSession]:
        return await self._sessions.list(user_id)

    async def delete_sessions_by_user_id(self, user_id: str, keep: str | None = None) -> int:
        return await self._sessions.clear(user_id, keep)

    async def delete_expired_sessions(self, now: datetime, limit: int | None = None) -> int:
        """Delete expired rows. The service looks through the whole table."""
        kind, count = keys.SESSION, 0
        text = f"RowKey ge '{kind}-' and RowKey lt '{kind}.' and expires lt @now"
        async with aclosing(self._store.select(text, now=now)) as rows:
            async for row in rows:
                if limit is not None and count >= limit:
                    break
                count += await self._sessions.remove(row)
        return count

    # --- verification tokens --------------------------------------------------------------------

    async def create_verification_token(self, token: VerificationToken) -> VerificationToken:
        """Store a token.

        Raises:
            AdapterError: if this identifier has this token already.
        """
        partition = keys.key(keys.TOKEN, token.token)
        row = {"PartitionKey": partition, "RowKey": keys.digest(token.identifier)}
        row |= self._token.dump(token)
        if not (await self._store.commit(create(row))).done:
            raise taken(TOKEN_TAKEN)
        return self._token.load(row)

    async def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None:
        """Take the row out. Without an identifier all rows of that token go; one is returned."""
        partition = keys.key(keys.TOKEN, token)
        for _ in range(ATTEMPTS):
            if identifier is None:
                rows = [row async for row in self._store.select(f"PartitionKey eq '{partition}'")]
            else:
                found = await self._store.get(partition, keys.digest(identifier))
                rows = [] if found is None else [found]
            if not rows:
                return None
            if (await self._store.commit(*map(delete, rows[:BATCH]))).done:
                return self._token.load(rows[0])
        raise AdapterError(RESTLESS)

    async def delete_expired_verification_tokens(
        self, now: datetime, limit: int | None = None
    ) -> int:
        """Delete expired rows. The service looks through all tokens."""
        kind, count = keys.TOKEN, 0
        text = f"PartitionKey ge '{kind}-' and PartitionKey lt '{kind}.' and expires lt @now"
        async with aclosing(self._store.select(text, now=now)) as rows:
            async for row in rows:
                if limit is not None and count >= limit:
                    break
                count += (await self._store.commit(delete(row))).done
        return count

    # --- authenticators -------------------------------------------------------------------------

    async def create_authenticator(self, authenticator: Authenticator) -> Authenticator:
        """Store a passkey.

        Raises:
            AdapterError: if its id is taken, or its user is unknown.
        """
        owner, name = authenticator.user_id, authenticator.credential_id
        return await self._authenticators.create(authenticator, owner, name)

    async def get_authenticator(self, credential_id: str) -> Authenticator | None:
        return await self._authenticators.get(credential_id)

    async def list_authenticators_by_user_id(self, user_id: str) -> list[Authenticator]:
        return await self._authenticators.list(user_id)

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
            TypeError: if a passkey has no such field.
            ValueError: if the id would change.
        """
        keep_id(changes, "credential_id", credential_id)
        new = await self._authenticators.update(lambda old: changed(old, **changes), credential_id)
        if new is None:
            raise LookupError(NO_SUCH_AUTHENTICATOR)
        return new

    async def delete_authenticator(self, credential_id: str) -> Authenticator | None:
        return await self._authenticators.take(credential_id)

    # --- schema ---------------------------------------------------------------------------------

    async def create_schema(self) -> None:
        """Create the table if it is missing."""
        try:
            creating = self._store.client.create_table()
            if self._store.is_async:
                await creating
        except ResourceExistsError as exc:
            if getattr(exc, "error_code", None) != TableErrorCode.TABLE_ALREADY_EXISTS:
                raise

    async def check_schema(self) -> list[str]:
        """Whether the table is there; it needs nothing else."""
        try:
            await self._store.get(keys.home(""), keys.USER)
        except ResourceNotFoundError:
            return [f"the table {self._store.client.table_name} is missing"]
        return []

    # --- e-mails --------------------------------------------------------------------------------

    def _has(self, email: str) -> Holds:
        """Whether a row is of a user with this address."""
        return lambda row: row is not None and alive(row) and self._user.load(row).email == email

    def _claim_of(self, row: Entity) -> str | None:
        email = self._user.load(row).email
        return None if email is None else keys.key(keys.EMAIL, email)

    async def _written(self, row: Entity, entity: Entity, old: str | None, new: str | None) -> bool:
        """Replace a user's row, with the claims around it. False if the row is not as it was."""
        if old == new:
            return (await self._store.commit(replace(entity, row))).done
        claims, user_id = self._home.claims, row["id"]
        before = await claims.of(user_id, [] if old is None else [keys.key(keys.EMAIL, old)])
        if new is not None:
            claim = keys.key(keys.EMAIL, new)
            await claims.take(claim, user_id, keys.USER, EMAIL_TAKEN, self._has(new))
        done = (await self._store.commit(replace(entity, row))).done
        if done:
            await claims.drop(before)
        return done
