"""The adapter. Each method is one query, of one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar, cast

from authwire.adapters._rules import (
    ACCOUNT_LINKED,
    CREDENTIAL_TAKEN,
    NO_SUCH_AUTHENTICATOR,
    NO_SUCH_USER,
    SESSION_TAKEN,
    TOKEN_TAKEN,
    USER_ID_TAKEN,
    keep_id,
    with_id,
)
from authwire.adapters.surrealdb import queries
from authwire.adapters.surrealdb.connection import Connection, Database
from authwire.adapters.surrealdb.documents import Records, user_link
from authwire.models import (
    Account,
    AdapterSession,
    Authenticator,
    U,
    User,
    VerificationToken,
)

__all__ = ["SurrealDBAdapter"]

V = TypeVar("V")


class SurrealDBAdapter(Generic[U]):
    """A database of SurrealDB, with the tables ``user``, ``account``, ``session`` and three more.

    With a blocking connection no method ever suspends, so sync apps can drive them; an async app runs
    them in threads then.

    Args:
        db: what ``AsyncSurreal`` or ``Surreal`` made: connected, signed in, ``use`` called. It stays
            yours to close.
        user: your `User` subclass, if you have one.
        timeout: seconds for one call with all its retries; None for no limit. With a blocking
            connection it ends the retries only.

    Raises:
        TypeError: if ``db`` is something else.
    """

    def __init__(
        self, db: Database, *, user: type[U] | None = None, timeout: float | None = 10.0
    ) -> None:
        self._connection = Connection(db, timeout)
        self._users = Records("user", cast("type[U]", user or User), "id")
        self._accounts = Records("account", Account, "provider", "provider_account_id")
        self._sessions = Records("session", AdapterSession, "session_token")
        self._tokens = Records("verification_token", VerificationToken, "token", "identifier")
        self._authenticators = Records("authenticator", Authenticator, "credential_id")

    @property
    def io(self) -> Literal["async", "blocking"]:
        """Whether the methods wait in an event loop or block the thread."""
        return self._connection.io

    # --- users ----------------------------------------------------------------------------------

    async def create_user(self, user: U) -> U:
        """Store a user; an empty id is replaced by a new one.

        Raises:
            AdapterError: if the id or the e-mail is taken.
        """
        return await self._create(self._users, with_id(user), USER_ID_TAKEN)

    async def get_user(self, user_id: str) -> U | None:
        return await self._get(self._users, user_id)

    async def get_user_by_email(self, email: str) -> U | None:
        query = "SELECT * FROM user WHERE email = $email LIMIT 1"
        return self._users.load_first(await self._run(query, email=email))

    async def get_user_by_account(self, provider: str, provider_account_id: str) -> U | None:
        account = self._accounts.record_id(provider, provider_account_id)
        found = await self._run("SELECT VALUE user_id.* FROM $id", id=account)
        return self._users.load_first([user for user in found if user])

    async def update_user(self, user_id: str, changes: Mapping[str, Any]) -> U:
        """Change the given fields.

        Raises:
            LookupError: if there is no such user.
            TypeError: if a user has no such field.
            ValueError: if the id would change.
            AdapterError: if the e-mail is taken.
        """
        keep_id(changes, "id", user_id)
        updated = await self._update(self._users, changes, user_id, owned=False)
        if updated is None:
            raise LookupError(NO_SUCH_USER)
        return updated

    async def delete_user(self, user_id: str) -> None:
        await self._run(queries.delete_user(), user=user_link(user_id))

    # --- accounts -------------------------------------------------------------------------------

    async def link_account(self, account: Account) -> Account:
        """Store an account.

        Raises:
            AdapterError: if it is linked already, or its user is unknown.
        """
        return await self._create(self._accounts, account, ACCOUNT_LINKED, owner=account.user_id)

    async def unlink_account(self, provider: str, provider_account_id: str) -> None:
        await self._take(self._accounts, provider, provider_account_id)

    async def get_account(self, provider: str, provider_account_id: str) -> Account | None:
        return await self._get(self._accounts, provider, provider_account_id)

    async def update_account(self, account: Account) -> Account | None:
        """Overwrite all but the account's key, owner and type."""
        fixed = {"user_id", "type", "provider", "provider_account_id"}
        values = {name: getattr(account, name) for name in Account.__slots__ if name not in fixed}
        key = (account.provider, account.provider_account_id)
        return await self._update(self._accounts, values, *key)

    async def list_accounts_by_user_id(self, user_id: str) -> list[Account]:
        return await self._list(self._accounts, "account", user_id)

    # --- sessions -------------------------------------------------------------------------------

    async def create_session(self, session: AdapterSession) -> AdapterSession:
        """Store a session.

        Raises:
            AdapterError: if the token is taken, or its user is unknown.
        """
        return await self._create(self._sessions, session, SESSION_TAKEN, owner=session.user_id)

    async def get_session_and_user(self, session_token: str) -> tuple[AdapterSession, U] | None:
        query = "SELECT *, user_id.* AS user FROM $id"
        found = await self._run(query, id=self._sessions.record_id(session_token))
        if not found or not found[0].get("user"):
            return None
        return self._sessions.load(found[0]), self._users.load(found[0]["user"])

    async def update_session(self, session_token: str, expires: datetime) -> AdapterSession | None:
        return await self._update(self._sessions, {"expires": expires}, session_token)

    async def delete_session(self, session_token: str) -> AdapterSession | None:
        return await self._take(self._sessions, session_token)

    async def list_sessions_by_user_id(self, user_id: str) -> list[AdapterSession]:
        return await self._list(self._sessions, "session", user_id)

    async def delete_sessions_by_user_id(self, user_id: str, keep: str | None = None) -> int:
        kept = None if keep is None else self._sessions.record_id(keep)
        removed = await self._run(queries.delete_sessions(), user=user_link(user_id), keep=kept)
        return cast("int", removed)

    async def delete_expired_sessions(self, now: datetime, limit: int | None = None) -> int:
        return await self._sweep(queries.delete_expired_sessions(), now, limit)

    # --- verification tokens --------------------------------------------------------------------

    async def create_verification_token(self, token: VerificationToken) -> VerificationToken:
        """Store a token.

        Raises:
            AdapterError: if this identifier has this token already.
        """
        return await self._create(self._tokens, token, TOKEN_TAKEN)

    async def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None:
        """Take the row out. Without an identifier all rows of that token go; one is returned."""
        if identifier is None:
            taken = await self._run(queries.take_by_token(), wanted=token)
        else:
            row = self._tokens.record_id(token, identifier)
            taken = await self._run(queries.take_token(), id=row, wanted=token)
        return self._tokens.load_first(taken)

    async def delete_expired_verification_tokens(
        self, now: datetime, limit: int | None = None
    ) -> int:
        return await self._sweep(queries.delete_expired_tokens(), now, limit)

    # --- authenticators -------------------------------------------------------------------------

    async def create_authenticator(self, authenticator: Authenticator) -> Authenticator:
        """Store a passkey.

        Raises:
            AdapterError: if its id is taken, or its user is unknown.
        """
        owner = authenticator.user_id
        return await self._create(
            self._authenticators, authenticator, CREDENTIAL_TAKEN, owner=owner
        )

    async def get_authenticator(self, credential_id: str) -> Authenticator | None:
        return await self._get(self._authenticators, credential_id)

    async def list_authenticators_by_user_id(self, user_id: str) -> list[Authenticator]:
        return await self._list(self._authenticators, "authenticator", user_id)

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
        updated = await self._update(self._authenticators, changes, credential_id)
        if updated is None:
            raise LookupError(NO_SUCH_AUTHENTICATOR)
        return updated

    async def delete_authenticator(self, credential_id: str) -> Authenticator | None:
        return await self._take(self._authenticators, credential_id)

    # --- schema ---------------------------------------------------------------------------------

    async def create_schema(self) -> None:
        """Define the tables and indexes that are missing.

        Raises:
            SurrealError: if two users that are there already share an e-mail.
        """
        database = await self._run("INFO FOR DB")
        await self._connection.run(queries.schema(database["tables"]), {})

    async def check_schema(self) -> list[str]:
        """The tables and indexes that are missing, or not as they must be."""
        tables = (await self._run("INFO FOR DB"))["tables"]
        problems = [f"the table {name} is missing" for name in queries.TABLES if name not in tables]
        present = [name for name in queries.TABLES if name in tables]
        asked = " ".join(f"INFO FOR TABLE {name};" for name in present)
        answers = await self._connection.run(asked, {}) if present else []
        found = dict(zip(present, answers, strict=True))
        for name, (table, definition) in queries.INDEXES.items():
            if table not in found:
                continue  # one sentence about it is enough
            live = found[table]["indexes"].get(name)
            if live is None:
                problems.append(f"the index {name} on {table} is missing")
            elif not live.endswith(f" {definition}"):
                problems.append(f"the index {name} on {table} is not {definition}")
        return problems

    # --- inside ---------------------------------------------------------------------------------

    async def _run(self, query: str, **values: Any) -> Any:
        return (await self._connection.run(query, values))[0]

    async def _get(self, records: Records[V], *key: str) -> V | None:
        found = await self._run("SELECT * FROM $id", id=records.record_id(*key))
        return records.load_first(found)

    async def _list(self, records: Records[V], table: str, user_id: str) -> list[V]:
        query = f"SELECT * FROM {table} WHERE user_id = $user"  # noqa: S608  # a name of our own
        return [records.load(row) for row in await self._run(query, user=user_link(user_id))]

    async def _create(
        self, records: Records[V], value: V, id_taken: str, *, owner: str | None = None
    ) -> V:
        query = queries.create(owned=owner is not None)
        values = {"id": records.id_of(value), "data": records.dump(value)}
        if owner is not None:
            values["user"] = user_link(owner)
        ((row,),) = await self._connection.run(query, values, id_taken)
        return records.load(row)

    async def _update(
        self, records: Records[V], changes: Mapping[str, Any], *key: str, owned: bool = True
    ) -> V | None:
        document = records.dump_changes(changes)
        row = records.record_id(*key)
        values = {f"set_{name}": value for name, value in document.items()}
        values |= {"id": row} if owned else {"id": row, "user": row}
        query = queries.update(document, owned=owned)
        return records.load_first((await self._connection.run(query, values))[0])

    async def _take(self, records: Records[V], *key: str) -> V | None:
        return records.load_first(await self._run(queries.take(), id=records.record_id(*key)))

    async def _sweep(self, query: str, now: datetime, limit: int | None) -> int:
        removed = 0
        while limit is None or removed < limit:
            batch = queries.BATCH if limit is None else min(queries.BATCH, limit - removed)
            gone = await self._run(query, now=now, limit=batch)
            removed += gone
            if gone < batch:
                break
        return removed
