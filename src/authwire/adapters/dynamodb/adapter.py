"""The adapter: single items and transactions on one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Generic, Literal, cast

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
from authwire.adapters.dynamodb import keys
from authwire.adapters.dynamodb.emails import Emails
from authwire.adapters.dynamodb.owned import Owned
from authwire.adapters.dynamodb.schema import check_schema, create_schema
from authwire.adapters.dynamodb.table import TRANSACTION, Table, When, exists, failed, new
from authwire.adapters.dynamodb.values import Row
from authwire.errors import AdapterError
from authwire.models import Account, AdapterSession, Authenticator, U, User, VerificationToken

__all__ = ["DynamoDBAdapter"]

_TTL: Final = "ttl"
_ATTEMPTS: Final = 10
"""At a user whose address others change at the same time."""
_RESTLESS: Final = "the user is being changed by others all the time"


class DynamoDBAdapter(Generic[U]):
    """Everything in one table, each row under the value that it is looked up by.

    With a client of botocore or boto3 no method ever suspends, so sync apps can drive them.

    Args:
        client: a DynamoDB client of aiobotocore, botocore or boto3. It is not closed here.
        table: the name of the table.
        user: your `User` subclass, if you have one.

    Raises:
        TypeError: if a field of ``user`` is named like an attribute that rows need, such as ``pk``.
    """

    shared_with_authjs: Final = False

    def __init__(
        self, client: Any, table: str = "authwire", *, user: type[U] | None = None
    ) -> None:
        self._table = Table(client, table)
        self._user = Row(cast("type[U]", user or User))
        self._account = Row(Account)
        self._session = Row(AdapterSession, ends=True)
        self._token = Row(VerificationToken, ends=True)
        self._authenticator = Row(Authenticator)
        self._owned = Owned(self._table)
        self._emails: Emails[U] = Emails(self._table)

    @property
    def io(self) -> Literal["async", "blocking"]:
        """Whether the methods wait in an event loop or block the thread."""
        return "async" if self._table.is_async else "blocking"

    # --- users ----------------------------------------------------------------------------------

    async def create_user(self, user: U) -> U:
        """Store a user; an empty id is replaced by a new one.

        Raises:
            AdapterError: if the id or the e-mail is taken.
        """
        stored = with_id(user)
        item = self._user.dump(stored) | keys.user(stored.id)
        if stored.email is None:
            if not await self._table.put(item):
                raise taken(USER_ID_TAKEN)
        else:
            steps = (
                self._table.step("Put", new, Item=item),
                self._emails.claim(stored.email, stored.id),
            )
            if reasons := await self._table.transact(*steps):
                raise taken(USER_ID_TAKEN if failed(reasons[0]) else EMAIL_TAKEN)
        return self._user.load(item)

    async def get_user(self, user_id: str) -> U | None:
        item = await self._table.get(keys.user(user_id))
        return None if item is None else self._user.load(item)

    async def get_user_by_email(self, email: str) -> U | None:
        claim = await self._table.get(keys.email(email))
        user = None if claim is None else await self.get_user(claim["user_id"]["S"])
        # The address may have moved on between the two reads.
        return user if user is not None and user.email == email else None

    async def get_user_by_account(self, provider: str, provider_account_id: str) -> U | None:
        account = await self.get_account(provider, provider_account_id)
        return None if account is None else await self.get_user(account.user_id)

    async def update_user(self, user_id: str, changes: Mapping[str, Any]) -> U:
        """Change the given fields.

        Raises:
            LookupError: if there is no such user.
            TypeError: if a user has no such field.
            ValueError: if the id would change.
            AdapterError: if the e-mail is taken.
        """
        keep_id(changes, "id", user_id)
        fields = self._user.dump_fields(changes)
        for _ in range(_ATTEMPTS if "email" in changes else 0):
            user = await self.get_user(user_id)
            if user is None:
                raise LookupError(NO_SUCH_USER)
            if user.email == changes["email"]:
                del fields["email"]
                break
            if await self._emails.move(user, changes["email"], fields):
                return self._user.load(self._user.dump(replace(user, **changes)))
        else:
            if "email" in changes:
                raise AdapterError(_RESTLESS)
        key = keys.user(user_id)
        item = await (self._table.update(key, fields) if fields else self._table.get(key))
        if item is None:
            raise LookupError(NO_SUCH_USER)
        return self._user.load(item)

    async def delete_user(self, user_id: str) -> None:
        """Delete the user and what is theirs: up to 98 rows in one transaction.

        Of more, sessions go first, then passkeys and accounts; the user and the last of them go
        together. Until then the user is there and can be deleted again.

        Raises:
            AdapterError: if the user changes all the time.
        """
        for _ in range(_ATTEMPTS):
            user = await self.get_user(user_id)
            if user is None or await self._owned.delete_with(user_id, self._emails.removal(user)):
                break
        else:
            raise AdapterError(_RESTLESS)
        # What came in between, or was not in the index yet.
        await self._owned.delete(user_id)

    # --- accounts -------------------------------------------------------------------------------

    async def link_account(self, account: Account) -> Account:
        """Store an account.

        Raises:
            AdapterError: if it is linked already, or its user is unknown.
        """
        key = keys.account(account.provider, account.provider_account_id)
        item = self._account.dump(account) | key
        await self._owned.add(item, account.user_id, ACCOUNT_LINKED)
        return self._account.load(item)

    async def unlink_account(self, provider: str, provider_account_id: str) -> None:
        await self._table.take(keys.account(provider, provider_account_id))

    async def get_account(self, provider: str, provider_account_id: str) -> Account | None:
        item = await self._table.get(keys.account(provider, provider_account_id))
        return None if item is None else self._account.load(item)

    async def update_account(self, account: Account) -> Account | None:
        """Overwrite all but the account's key, owner and type."""
        fields = self._account.dump(account)
        for fixed in ("user_id", "type", "provider", "provider_account_id"):
            del fields[fixed]
        key = keys.account(account.provider, account.provider_account_id)
        item = await self._table.update(key, fields)
        return None if item is None else self._account.load(item)

    async def list_accounts_by_user_id(self, user_id: str) -> list[Account]:
        return [self._account.load(item) for item in await self._owned.items(user_id, keys.ACCOUNT)]

    # --- sessions -------------------------------------------------------------------------------

    async def create_session(self, session: AdapterSession) -> AdapterSession:
        """Store a session.

        Raises:
            AdapterError: if the token is taken, or its user is unknown.
        """
        item = self._session.dump(session) | keys.session(session.session_token)
        await self._owned.add(item, session.user_id, SESSION_TAKEN)
        return self._session.load(item)

    async def get_session_and_user(self, session_token: str) -> tuple[AdapterSession, U] | None:
        item = await self._table.get(keys.session(session_token))
        if item is None:
            return None
        session = self._session.load(item)
        user = await self.get_user(session.user_id)
        return None if user is None else (session, user)

    async def update_session(self, session_token: str, expires: datetime) -> AdapterSession | None:
        fields = self._session.dump_fields({"expires": expires})
        item = await self._table.update(keys.session(session_token), fields)
        return None if item is None else self._session.load(item)

    async def delete_session(self, session_token: str) -> AdapterSession | None:
        item = await self._table.take(keys.session(session_token))
        return None if item is None else self._session.load(item)

    async def list_sessions_by_user_id(self, user_id: str) -> list[AdapterSession]:
        return [self._session.load(item) for item in await self._owned.items(user_id, keys.SESSION)]

    async def delete_sessions_by_user_id(self, user_id: str, keep: str | None = None) -> int:
        kept = keys.session(keep) if keep is not None else None
        return await self._owned.delete(user_id, keys.SESSION, keep=kept)

    async def delete_expired_sessions(self, now: datetime, limit: int | None = None) -> int:
        """Delete expired rows. Reads the whole table: leave it to the time-to-live in production."""
        return await self._delete_expired(keys.SESSION, now, limit)

    # --- verification tokens --------------------------------------------------------------------

    async def create_verification_token(self, token: VerificationToken) -> VerificationToken:
        """Store a token.

        Raises:
            AdapterError: if this identifier has this token already.
        """
        item = self._token.dump(token) | keys.token(token.token, token.identifier)
        if not await self._table.put(item):
            raise taken(TOKEN_TAKEN)
        return self._token.load(item)

    async def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None:
        """Take the row out. Without an identifier all rows of that token go; one is returned."""
        if identifier is not None:
            item = await self._table.take(keys.token(token, identifier))
            return None if item is None else self._token.load(item)
        while rows := await self._table.query("pk = :pk", pk=keys.token(token, "")["pk"]["S"]):
            found = [{name: row[name] for name in ("pk", "sk")} for row in rows[:TRANSACTION]]
            steps = [self._table.step("Delete", exists, Key=key) for key in found]
            if await self._table.transact(*steps) is None:
                return self._token.load(rows[0])
        return None

    async def delete_expired_verification_tokens(
        self, now: datetime, limit: int | None = None
    ) -> int:
        """Delete expired rows. Reads the whole table: leave it to the time-to-live in production."""
        return await self._delete_expired(keys.TOKEN, now, limit)

    # --- authenticators -------------------------------------------------------------------------

    async def create_authenticator(self, authenticator: Authenticator) -> Authenticator:
        """Store a passkey.

        Raises:
            AdapterError: if its id is taken, or its user is unknown.
        """
        key = keys.authenticator(authenticator.credential_id)
        item = self._authenticator.dump(authenticator) | key
        await self._owned.add(item, authenticator.user_id, CREDENTIAL_TAKEN)
        return self._authenticator.load(item)

    async def get_authenticator(self, credential_id: str) -> Authenticator | None:
        item = await self._table.get(keys.authenticator(credential_id))
        return None if item is None else self._authenticator.load(item)

    async def list_authenticators_by_user_id(self, user_id: str) -> list[Authenticator]:
        items = await self._owned.items(user_id, keys.AUTHENTICATOR)
        return [self._authenticator.load(item) for item in items]

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
        fields, key = self._authenticator.dump_fields(changes), keys.authenticator(credential_id)
        item = await (self._table.update(key, fields) if fields else self._table.get(key))
        if item is None:
            raise LookupError(NO_SUCH_AUTHENTICATOR)
        return self._authenticator.load(item)

    async def delete_authenticator(self, credential_id: str) -> Authenticator | None:
        item = await self._table.take(keys.authenticator(credential_id))
        return None if item is None else self._authenticator.load(item)

    # --- schema ---------------------------------------------------------------------------------

    async def create_schema(self) -> None:
        """Create the table, its index and its time-to-live, if missing. Billed by request."""
        await create_schema(self._table, _TTL)

    async def check_schema(self) -> list[str]:
        """What the table lacks, a sentence each."""
        return await check_schema(self._table, _TTL)

    async def _delete_expired(self, kind: str, now: datetime, limit: int | None) -> int:
        # Compared as text: ISO times in UTC sort as they pass.
        when, count = When("expires < :now", {"now": now}), 0
        expired = "begins_with(pk, :kind) AND expires < :now"
        async for page in self._table.scan(expired, kind=kind, now=now):
            left = None if limit is None else limit - count
            found = [{name: item[name] for name in ("pk", "sk")} for item in page[:left]]
            count += await self._table.delete_each(found, when)
            if limit is not None and count >= limit:
                break
        return count
