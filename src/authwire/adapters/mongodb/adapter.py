"""The adapter. Each method is one command, but for those that say otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Generic, Literal, TypeVar, cast

from pymongo import ReadPreference
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from authwire.adapters._documents import DocumentNaming
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
from authwire.adapters.mongodb.indexes import complaints, create, needed
from authwire.adapters.mongodb.shelf import Document, Shelf, is_object_id, refusal
from authwire.errors import AdapterError
from authwire.models import (
    Account,
    AdapterSession,
    Authenticator,
    U,
    User,
    VerificationToken,
)

__all__ = ["MongoDBAdapter"]

Owned = TypeVar("Owned", Account, AdapterSession, Authenticator)


class MongoDBAdapter(Generic[U]):
    """MongoDB. Call `create_schema` once: the indexes it makes keep e-mails and accounts unique.

    With a sync client no method ever suspends, so sync apps can drive them; an async app runs them
    in threads then. Awaited directly, they block the event loop. All reads go to the primary.

    Args:
        database: of an ``AsyncMongoClient`` or a ``MongoClient`` of PyMongo.
        user: your `User` subclass; its fields hold what BSON can.
        naming: ``snake``, or ``authjs`` for rows as Auth.js' MongoDB adapter keeps them.
        collections: other names for ``users``, ``accounts``, ``sessions``, ``verification_tokens``
            and ``authenticators``.
        expire: whether the server deletes expired rows by itself, through an index.

    Raises:
        TypeError: if it is no database of PyMongo.
    """

    def __init__(
        self,
        database: AsyncDatabase[Any] | Database[Any],
        *,
        user: type[U] | None = None,
        naming: DocumentNaming = "snake",
        collections: Mapping[str, str] | None = None,
        expire: bool = False,
    ) -> None:
        if not isinstance(database, (AsyncDatabase, Database)):
            raise TypeError(f"expected a database of PyMongo, not {type(database).__name__}")
        self._async = isinstance(database, AsyncDatabase)
        self._authjs = naming == "authjs"
        self.shared_with_authjs = self._authjs
        """Whether Auth.js may write the same rows."""
        options: Any = database.codec_options
        options = options.with_options(tz_aware=True, tzinfo=UTC, document_class=dict)

        def shelf(name: str, kind: type[Any]) -> Shelf[Any]:
            collection = database.get_collection(
                (collections or {}).get(name, name),
                codec_options=options,
                # A secondary may not know yet that a session has ended.
                read_preference=ReadPreference.PRIMARY,
            )
            return Shelf(collection, kind, naming)

        self._users: Shelf[U] = shelf("users", cast("type[U]", user or User))
        self._accounts: Shelf[Account] = shelf("accounts", Account)
        self._sessions: Shelf[AdapterSession] = shelf("sessions", AdapterSession)
        self._tokens: Shelf[VerificationToken] = shelf("verification_tokens", VerificationToken)
        self._authenticators: Shelf[Authenticator] = shelf("authenticators", Authenticator)
        shelves = (self._users, self._accounts, self._sessions, self._tokens, self._authenticators)
        self._indexes = needed(*shelves, expires=expire)

    @property
    def io(self) -> Literal["async", "blocking"]:
        """Whether the methods wait in an event loop or block the thread."""
        return "async" if self._async else "blocking"

    # --- users ----------------------------------------------------------------------------------

    async def create_user(self, user: U) -> U:
        """Store a user; an empty id is replaced by a new one, with ``authjs`` any that is no ObjectId.

        Raises:
            AdapterError: if the id or the e-mail is taken.
        """
        messages = {"email": EMAIL_TAKEN, "id": USER_ID_TAKEN}
        return await self._users.insert(user if self._authjs else with_id(user), messages)

    async def get_user(self, user_id: str) -> U | None:
        return await self._users.find(self._users.where(id=user_id))

    async def get_user_by_email(self, email: str) -> U | None:
        return await self._users.find(self._users.where(email=email))

    async def get_user_by_account(self, provider: str, provider_account_id: str) -> U | None:
        where = self._account_key(provider, provider_account_id)
        found = await self._accounts.find_owned(self._users, where)
        return None if found is None else self._users.load(found[1])

    async def update_user(self, user_id: str, changes: Mapping[str, Any]) -> U:
        """Change the given fields.

        Raises:
            LookupError: if there is no such user.
            TypeError: if a user has no such field.
            ValueError: if the id would change.
            AdapterError: if the e-mail is taken.
        """
        keep_id(changes, "id", user_id)
        users, where = self._users, self._users.where(id=user_id)
        document = users.dump_fields({name: changes[name] for name in changes if name != "id"})
        try:
            user = await (users.change(where, document) if document else users.find(where))
        except DuplicateKeyError as exc:
            message = refusal(exc, {users.key("email"): EMAIL_TAKEN})
        else:
            if user is None:
                raise LookupError(NO_SUCH_USER)
            return user
        raise taken(message)

    async def delete_user(self, user_id: str) -> None:
        """Delete the user first: what is left if a later command fails counts as nobody's.

        Four commands. Once more finishes what failed half-way.
        """
        await self._users.delete(self._users.where(id=user_id))
        owned: tuple[Shelf[Any], ...] = (self._sessions, self._accounts, self._authenticators)
        for shelf in owned:
            await shelf.delete(shelf.where(user_id=user_id))

    # --- accounts -------------------------------------------------------------------------------

    async def link_account(self, account: Account) -> Account:
        """Store an account.

        Raises:
            AdapterError: if it is linked already, or the user's id can be nobody's.
        """
        key = self._account_key(account.provider, account.provider_account_id)
        return await self._claimed(self._accounts, account, key, ACCOUNT_LINKED)

    async def unlink_account(self, provider: str, provider_account_id: str) -> None:
        await self._accounts.delete(self._account_key(provider, provider_account_id))

    async def get_account(self, provider: str, provider_account_id: str) -> Account | None:
        where = self._account_key(provider, provider_account_id)
        found = await self._accounts.find_owned(self._users, where)
        return None if found is None else found[0]

    async def update_account(self, account: Account) -> Account | None:
        """Overwrite all but the account's key, owner and type. With ``authjs``: two commands."""
        shelf = self._accounts
        where = self._account_key(account.provider, account.provider_account_id)
        document = shelf.dump(account)
        if not self._authjs:
            for fixed in ("user_id", "type", "provider", "provider_account_id"):
                del document[fixed]
            return await shelf.change(where, document)
        # Other fields lie flat among the rest, so those that are no more must be known to go.
        old = await shelf.ask("find_one", where)
        if old is None:
            return None
        document |= {key: old[key] for key in ("_id", "userId", "type")}
        replaced = await shelf.ask("find_one_and_replace", {"_id": old["_id"]}, document)
        return None if replaced is None else shelf.load(document)

    async def list_accounts_by_user_id(self, user_id: str) -> list[Account]:
        return await self._accounts.find_all(self._accounts.where(user_id=user_id))

    # --- sessions -------------------------------------------------------------------------------

    async def create_session(self, session: AdapterSession) -> AdapterSession:
        """Store a session.

        Raises:
            AdapterError: if the token is taken, or the user's id can be nobody's.
        """
        key = self._sessions.where(session_token=session.session_token)
        return await self._claimed(self._sessions, session, key, SESSION_TAKEN)

    async def get_session_and_user(self, session_token: str) -> tuple[AdapterSession, U] | None:
        where = self._sessions.where(session_token=session_token)
        found = await self._sessions.find_owned(self._users, where)
        return None if found is None else (found[0], self._users.load(found[1]))

    async def update_session(self, session_token: str, expires: datetime) -> AdapterSession | None:
        where = self._sessions.where(session_token=session_token)
        changes = self._sessions.dump_fields({"expires": expires})
        return await self._sessions.change(where, changes)

    async def delete_session(self, session_token: str) -> AdapterSession | None:
        return await self._sessions.take(self._sessions.where(session_token=session_token))

    async def list_sessions_by_user_id(self, user_id: str) -> list[AdapterSession]:
        return await self._sessions.find_all(self._sessions.where(user_id=user_id))

    async def delete_sessions_by_user_id(self, user_id: str, keep: str | None = None) -> int:
        where = self._sessions.where(user_id=user_id)
        if keep is not None:
            where[self._sessions.key("session_token")] = {"$ne": keep}
        return await self._sessions.delete(where)

    async def delete_expired_sessions(self, now: datetime, limit: int | None = None) -> int:
        """With a limit: two commands."""
        return await self._sessions.delete_expired(now, limit)

    # --- verification tokens --------------------------------------------------------------------

    async def create_verification_token(self, token: VerificationToken) -> VerificationToken:
        """Store a token.

        Raises:
            AdapterError: if this identifier has this token already.
        """
        return await self._tokens.insert(token, {"token": TOKEN_TAKEN})

    async def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None:
        """Take the row out. Without an identifier one row of that token goes."""
        key = {"token": token} | ({} if identifier is None else {"identifier": identifier})
        return await self._tokens.take(self._tokens.where(**key))

    async def delete_expired_verification_tokens(
        self, now: datetime, limit: int | None = None
    ) -> int:
        """With a limit: two commands."""
        return await self._tokens.delete_expired(now, limit)

    # --- authenticators -------------------------------------------------------------------------

    async def create_authenticator(self, authenticator: Authenticator) -> Authenticator:
        """Store a passkey.

        Raises:
            AdapterError: if its id is taken, or the user's id can be nobody's.
        """
        key = self._authenticators.where(credential_id=authenticator.credential_id)
        return await self._claimed(self._authenticators, authenticator, key, CREDENTIAL_TAKEN)

    async def get_authenticator(self, credential_id: str) -> Authenticator | None:
        where = self._authenticators.where(credential_id=credential_id)
        found = await self._authenticators.find_owned(self._users, where)
        return None if found is None else found[0]

    async def list_authenticators_by_user_id(self, user_id: str) -> list[Authenticator]:
        return await self._authenticators.find_all(self._authenticators.where(user_id=user_id))

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
        shelf, where = self._authenticators, self._authenticators.where(credential_id=credential_id)
        document = shelf.dump_fields(changes)
        document.pop("_id", None)
        found = await (shelf.change(where, document) if document else shelf.find(where))
        if found is None:
            raise LookupError(NO_SUCH_AUTHENTICATOR)
        return found

    async def delete_authenticator(self, credential_id: str) -> Authenticator | None:
        return await self._authenticators.take(
            self._authenticators.where(credential_id=credential_id)
        )

    # --- schema ---------------------------------------------------------------------------------

    async def create_schema(self) -> None:
        """Create the indexes that are missing.

        Raises:
            AdapterError: if rows that are there already share a value that must be unique.
        """
        await create(self._indexes)

    async def check_schema(self) -> list[str]:
        """The indexes that the live database lacks, a sentence each."""
        return await complaints(self._indexes)

    # --- what they share ------------------------------------------------------------------------

    def _account_key(self, provider: str, provider_account_id: str) -> Document:
        key = {"provider": provider, "provider_account_id": provider_account_id}
        return self._accounts.where(**key)

    async def _claimed(self, shelf: Shelf[Owned], row: Owned, key: Document, message: str) -> Owned:
        """Store a row of a user's. One in its place that is nobody's any more gives way."""
        if self._authjs and not is_object_id(row.user_id):
            raise taken(NO_SUCH_USER)
        messages = dict.fromkeys(("provider", "session_token", "credential_id"), message)
        known = {name: text for name, text in messages.items() if hasattr(row, name)}
        try:
            return await shelf.insert(row, known)
        except AdapterError:
            if not await shelf.drop_orphans(self._users, key):
                raise
        return await shelf.insert(row, known)
