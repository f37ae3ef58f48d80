"""The adapter: documents by key, and commits with preconditions."""

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
    account_changes,
    keep_id,
    taken,
    with_id,
)
from authwire.adapters.firestore.documents import Rows, digest, user_name
from authwire.adapters.firestore.owned import ATTEMPTS, RESTLESS, Owned
from authwire.adapters.firestore.store import BATCH, Store, Write, create, delete, drop, update
from authwire.errors import AdapterError
from authwire.models import Account, AdapterSession, Authenticator, U, User, VerificationToken

__all__ = ["FirestoreAdapter"]

_TOKENS: Final = "verification_tokens"


class FirestoreAdapter(Generic[U]):
    """A collection for each model, and one of claimed addresses.

    With the sync client no method ever suspends, so sync apps can drive them.

    Args:
        client: an ``AsyncClient`` or ``Client`` of google-cloud-firestore. It is not closed here.
        prefix: what the names of the collections start with.
        user: your `User` subclass, if you have one.

    Raises:
        TypeError: if ``user`` has a field ``touched``, which rows need.
    """

    shared_with_authjs: Final = False

    def __init__(
        self, client: Any, *, prefix: str = "authwire_", user: type[U] | None = None
    ) -> None:
        self._store = store = Store(client, prefix)
        self._user = Rows(cast("type[U]", user or User))
        self._token = Rows(VerificationToken)
        self._tokens = Owned(store, VerificationToken, _TOKENS, TOKEN_TAKEN)
        self._accounts = Owned(store, Account, "accounts", ACCOUNT_LINKED)
        self._sessions = Owned(store, AdapterSession, "sessions", SESSION_TAKEN)
        self._authenticators = Owned(store, Authenticator, "authenticators", CREDENTIAL_TAKEN)

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
        document = self._user.dump(stored)
        refused = await self._store.commit(
            create(self._ref(stored.id), document), *self._claim(stored.email, stored.id)
        )
        if refused is not None:
            there = await self._store.get(self._ref(stored.id))
            raise taken(EMAIL_TAKEN if there is None else USER_ID_TAKEN)
        return self._user.load(document)

    async def get_user(self, user_id: str) -> U | None:
        found = await self._store.get(self._ref(user_id))
        return None if found is None else self._user.load(found.to_dict())

    async def get_user_by_email(self, email: str) -> U | None:
        claim = await self._store.get(self._claim_ref(email))
        user = None if claim is None else await self.get_user(claim.get("user_id"))
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
        for _ in range(ATTEMPTS):
            found = await self._store.get(self._ref(user_id))
            if found is None:
                raise LookupError(NO_SUCH_USER)
            old = self._user.load(found.to_dict())
            if not fields:
                return old
            writes = [update(found.reference, fields, found)]
            email = changes.get("email", old.email)
            if email != old.email:
                writes += [*self._release(old.email), *self._claim(email, user_id)]
            refused = await self._store.commit(*writes)
            if refused is None:
                return self._user.load(self._user.dump(replace(old, **changes)))
            if refused == "exists":
                raise taken(EMAIL_TAKEN)
        raise AdapterError(RESTLESS)

    async def delete_user(self, user_id: str) -> None:
        """Delete the user and what is theirs: up to 398 rows in one commit.

        Of more, sessions go first, then passkeys and accounts; the user goes with the last of them.
        Until then the user is there and can be deleted again.

        Raises:
            AdapterError: if the user changes all the time.
        """
        for _ in range(ATTEMPTS):
            user = await self._store.get(self._ref(user_id))
            if user is None:
                return
            kinds = (self._sessions, self._authenticators, self._accounts)
            rows = [row for kind in kinds for row in await kind.of(user_id)]
            email = self._user.load(user.to_dict()).email
            last = [delete(user), *self._release(email)]
            refused = None
            while not refused and len(rows) > BATCH - len(last):
                refused = await self._store.commit(*map(delete, rows[:BATCH]))
                del rows[:BATCH]
            # Who adds a row changes the user too, so there are no others.
            if not refused and not await self._store.commit(*map(delete, rows), *last):
                return
        raise AdapterError(RESTLESS)

    # --- accounts -------------------------------------------------------------------------------

    async def link_account(self, account: Account) -> Account:
        """Store an account.

        Raises:
            AdapterError: if it is linked already, or its user is unknown.
        """
        names = (account.provider, account.provider_account_id)
        return await self._accounts.create(account, self._ref(account.user_id), *names)

    async def unlink_account(self, provider: str, provider_account_id: str) -> None:
        await self._accounts.drop(provider, provider_account_id)

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
        owner = self._ref(session.user_id)
        return await self._sessions.create(session, owner, session.session_token)

    async def get_session_and_user(self, session_token: str) -> tuple[AdapterSession, U] | None:
        session = await self._sessions.get(session_token)
        user = None if session is None else await self.get_user(session.user_id)
        return None if session is None or user is None else (session, user)

    async def update_session(self, session_token: str, expires: datetime) -> AdapterSession | None:
        return await self._sessions.update(lambda old: replace(old, expires=expires), session_token)

    async def delete_session(self, session_token: str) -> AdapterSession | None:
        return await self._sessions.take(session_token)

    async def list_sessions_by_user_id(self, user_id: str) -> list[AdapterSession]:
        return await self._sessions.list(user_id)

    async def delete_sessions_by_user_id(self, user_id: str, keep: str | None = None) -> int:
        return await self._sessions.clear(user_id, keep)

    async def delete_expired_sessions(self, now: datetime, limit: int | None = None) -> int:
        return await self._sessions.delete_expired(now, limit)

    # --- verification tokens --------------------------------------------------------------------

    async def create_verification_token(self, token: VerificationToken) -> VerificationToken:
        """Store a token.

        Raises:
            AdapterError: if this identifier has this token already.
        """
        ref = self._store.ref(_TOKENS, digest(token.identifier, token.token))
        document = self._token.dump(token)
        if await self._store.commit(create(ref, document)):
            raise taken(TOKEN_TAKEN)
        return self._token.load(document)

    async def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None:
        """Take the row out. Without an identifier all rows of that token go; one is returned."""
        for _ in range(ATTEMPTS):
            if identifier is None:
                rows = await self._store.find(_TOKENS, "token", "==", token)
            else:
                found = await self._store.get(self._store.ref(_TOKENS, digest(identifier, token)))
                rows = [] if found is None else [found]
            if not rows:
                return None
            if not await self._store.commit(*map(delete, rows[:BATCH])):
                return self._token.load(rows[0].to_dict())
        raise AdapterError(RESTLESS)

    async def delete_expired_verification_tokens(
        self, now: datetime, limit: int | None = None
    ) -> int:
        return await self._tokens.delete_expired(now, limit)

    # --- authenticators -------------------------------------------------------------------------

    async def create_authenticator(self, authenticator: Authenticator) -> Authenticator:
        """Store a passkey.

        Raises:
            AdapterError: if its id is taken, or its user is unknown.
        """
        owner = self._ref(authenticator.user_id)
        return await self._authenticators.create(authenticator, owner, authenticator.credential_id)

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
        new = await self._authenticators.update(lambda old: replace(old, **changes), credential_id)
        if new is None:
            raise LookupError(NO_SUCH_AUTHENTICATOR)
        return new

    async def delete_authenticator(self, credential_id: str) -> Authenticator | None:
        return await self._authenticators.take(credential_id)

    # --- schema ---------------------------------------------------------------------------------

    async def create_schema(self) -> None:
        """Nothing to do: collections come with their first document, indexes by themselves."""

    async def check_schema(self) -> list[str]:
        """Nothing can be missing, but the answer of the database is awaited."""
        await self._store.get(self._ref("authwire"))
        return []

    # --- documents ------------------------------------------------------------------------------

    def _ref(self, user_id: str) -> Any:
        return self._store.ref("users", user_name(user_id))

    def _claim_ref(self, email: str) -> Any:
        return self._store.ref("emails", digest(email))

    def _claim(self, email: str | None, user_id: str) -> list[Write]:
        return [] if email is None else [create(self._claim_ref(email), {"user_id": user_id})]

    def _release(self, email: str | None) -> list[Write]:
        return [] if email is None else [drop(self._claim_ref(email))]
