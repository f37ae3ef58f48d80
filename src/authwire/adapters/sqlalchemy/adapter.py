"""The adapter. Queries are written once, against a sync `Session`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar, cast

from sqlalchemy import ColumnElement, Engine, and_, delete, exists, select
from sqlalchemy import inspect as inspect_live
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import Session

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
    with_id,
)
from authwire.adapters.sqlalchemy.models import Models, Naming, default_models
from authwire.adapters.sqlalchemy.schema import Needs, problems
from authwire.adapters.sqlalchemy.shape import UNSYNCED, Shape
from authwire.adapters.sqlalchemy.transactions import Sessions, Transactions
from authwire.models import (
    Account,
    AdapterSession,
    Authenticator,
    U,
    User,
    VerificationToken,
)

__all__ = ["SQLAlchemyAdapter"]

T = TypeVar("T")


class SQLAlchemyAdapter(Generic[U]):
    """Any SQL database that SQLAlchemy speaks. One transaction for each call.

    With a sync engine no method ever suspends, so sync apps can drive them; an async app runs them
    in threads then. Awaited directly, they block the event loop.

    Args:
        engine: an engine or a ``sessionmaker``, async or sync.
        models: your own mapped classes; see `Models.for_user`.
        user: your `User` subclass; each of its fields needs a column.
        naming: of the default tables: ``snake``, or ``drizzle``, ``pg``, ``prisma`` for those of
            Auth.js' adapters.

    Raises:
        TypeError: if a field has no column. `Account.extra` may lack one and is not kept then.
    """

    def __init__(
        self,
        engine: Sessions,
        *,
        models: Models | None = None,
        user: type[U] | None = None,
        naming: Naming = "snake",
    ) -> None:
        self.models = models or default_models(naming)
        self._db = Transactions(engine)
        self._user = Shape(cast("type[U]", user or User), self.models.user)
        self._account = Shape(Account, self.models.account, optional={"extra"})
        self._session = Shape(AdapterSession, self.models.session)
        self._token = Shape(VerificationToken, self.models.verification_token)
        self._authenticator = Shape(Authenticator, self.models.authenticator, optional={"name"})

    @property
    def io(self) -> Literal["async", "blocking"]:
        """Whether the methods wait in an event loop or block the thread."""
        return self._db.io

    @property
    def shared_with_authjs(self) -> bool:
        """Whether the tables are those of an adapter of Auth.js."""
        return getattr(self.models.user, "authwire_naming", "snake") != "snake"

    @property
    def engine(self) -> Engine | AsyncEngine | None:
        """The engine; None if the sessionmaker has none of its own."""
        return self._db.engine

    async def run(self, query: Callable[[Session], T]) -> T:
        """Run ``query`` in a transaction of its own, with an engine of either colour."""
        return await self._db.run(query)

    # --- schema ---------------------------------------------------------------------------------

    async def create_schema(self) -> None:
        """Create the tables that are missing: for quickstarts and tests. Later, use migrations."""
        tables = [needs.table for needs in self._needs()]
        metadata = self.models.user.metadata

        def missing(db: Session) -> int:
            live = inspect_live(db.connection())
            return sum(not live.has_table(table.name, schema=table.schema) for table in tables)

        left = await self._db.run(missing)
        while left:
            try:
                return await self._db.run(
                    lambda db: metadata.create_all(db.connection(), tables=tables)
                )
            except DBAPIError:
                # Another process that starts at this moment may have been faster.
                before, left = left, await self._db.run(missing)
                if left >= before:
                    raise
        return None

    async def check_schema(self) -> list[str]:
        """What the live database lacks, a sentence each.

        Looks at tables, columns, keys, indexes, foreign keys and, on MySQL, collations.
        """
        return await self._db.run(lambda db: problems(db.connection(), self._needs()))

    def _needs(self) -> list[Needs]:
        owner = ("user_id",)
        return [
            self._user.needs(("id",), ("email",)),
            self._account.needs(("provider", "provider_account_id"), lookups=[owner]),
            self._session.needs(("session_token",), lookups=[owner]),
            self._token.needs(("identifier", "token"), lookups=[("token",)]),
            self._authenticator.needs(("credential_id",), lookups=[owner]),
        ]

    # --- users ----------------------------------------------------------------------------------

    async def create_user(self, user: U) -> U:
        """Store a user; an empty id is replaced by a new one.

        Raises:
            AdapterError: if the id or the e-mail is taken.
        """
        row, stored = self._user, with_id(user)
        taken = {USER_ID_TAKEN: row.taken(id=stored.id)}
        if stored.email is not None:
            taken[EMAIL_TAKEN] = row.taken(email=stored.email)
        return await self._db.guarded(lambda db: row.insert(db, stored), taken)

    async def get_user(self, user_id: str) -> U | None:
        return await self._db.read(lambda db: self._user.find(db, id=user_id))

    async def get_user_by_email(self, email: str) -> U | None:
        return await self._db.read(lambda db: self._user.find(db, email=email))

    async def get_user_by_account(self, provider: str, provider_account_id: str) -> U | None:
        user, account = self._user, self._account
        key = {"provider": provider, "provider_account_id": provider_account_id}
        query = (
            select(*user.columns, *account.columns)
            .join_from(self.models.user, self.models.account, self._owner(account))
            .where(*account.where(key))
        )

        def find(db: Session) -> U | None:
            row = db.execute(query).first()
            if row is None or not account.matches(row[len(user.columns) :], key):
                return None
            return user.value(row[: len(user.columns)])

        return await self._db.read(find)

    async def update_user(self, user_id: str, changes: Mapping[str, Any]) -> U:
        """Change the given fields.

        Raises:
            LookupError: if there is no such user.
            TypeError: if a user has no such field.
            ValueError: if the id would change.
            AdapterError: if the e-mail is taken.
        """
        keep_id(changes, "id", user_id)
        row, model = self._user, self.models.user
        taken: dict[str, ColumnElement[bool]] = {}
        if changes.get("email") is not None:
            same = model.email == changes["email"]
            taken[EMAIL_TAKEN] = exists().where(same, model.id != user_id)
        updated = await self._db.guarded(lambda db: row.update(db, changes, id=user_id), taken)
        if updated is None:
            raise LookupError(NO_SUCH_USER)
        return updated

    async def delete_user(self, user_id: str) -> None:
        # Not left to ON DELETE CASCADE alone: SQLite ignores that unless a pragma is set.
        def remove(db: Session) -> None:
            for owned in (self._session, self._account, self._authenticator):
                db.execute(
                    delete(owned.model).where(*owned.where({"user_id": user_id})), **UNSYNCED
                )
            user = self._user
            db.execute(delete(user.model).where(*user.where({"id": user_id})), **UNSYNCED)

        await self._db.run(remove)

    # --- accounts -------------------------------------------------------------------------------

    async def link_account(self, account: Account) -> Account:
        """Store an account.

        Raises:
            AdapterError: if it is linked already, or its user is unknown.
        """
        row = self._account
        key = {"provider": account.provider, "provider_account_id": account.provider_account_id}
        reasons = {
            ACCOUNT_LINKED: row.taken(**key),
            NO_SUCH_USER: self._no_user(account.user_id),
        }
        return await self._db.guarded(lambda db: row.insert(db, account), reasons)

    async def unlink_account(self, provider: str, provider_account_id: str) -> None:
        row = self._account
        key = {"provider": provider, "provider_account_id": provider_account_id}
        query = delete(self.models.account).where(*row.where(key))
        await self._db.run(lambda db: db.execute(query, **UNSYNCED))

    async def get_account(self, provider: str, provider_account_id: str) -> Account | None:
        key = {"provider": provider, "provider_account_id": provider_account_id}
        return await self._db.read(lambda db: self._account.find(db, **key))

    async def update_account(self, account: Account) -> Account | None:
        """Overwrite all but the account's key, owner and type."""
        row = self._account
        key = {"provider": account.provider, "provider_account_id": account.provider_account_id}
        changes = row.values(account)
        for fixed in ("user_id", "type", *key):
            del changes[fixed]
        return await self._db.run(lambda db: row.update(db, changes, **key))

    async def list_accounts_by_user_id(self, user_id: str) -> list[Account]:
        return await self._db.read(lambda db: self._account.find_all(db, user_id=user_id))

    # --- sessions -------------------------------------------------------------------------------

    async def create_session(self, session: AdapterSession) -> AdapterSession:
        """Store a session.

        Raises:
            AdapterError: if the token is taken, or its user is unknown.
        """
        row = self._session
        reasons = {
            SESSION_TAKEN: row.taken(session_token=session.session_token),
            NO_SUCH_USER: self._no_user(session.user_id),
        }
        return await self._db.guarded(lambda db: row.insert(db, session), reasons)

    async def get_session_and_user(self, session_token: str) -> tuple[AdapterSession, U] | None:
        session, user = self._session, self._user
        key = {"session_token": session_token}
        query = (
            select(*session.columns, *user.columns)
            .join_from(self.models.session, self.models.user, self._owner(session))
            .where(*session.where(key))
        )

        def find(db: Session) -> tuple[AdapterSession, U] | None:
            row = db.execute(query).first()
            split = len(session.columns)
            if row is None or not session.matches(row[:split], key):
                return None
            return session.value(row[:split]), user.value(row[split:])

        return await self._db.read(find)

    async def update_session(self, session_token: str, expires: datetime) -> AdapterSession | None:
        row, changes = self._session, {"expires": expires}
        return await self._db.run(lambda db: row.update(db, changes, session_token=session_token))

    async def delete_session(self, session_token: str) -> AdapterSession | None:
        return await self._db.run(lambda db: self._session.take(db, session_token=session_token))

    async def list_sessions_by_user_id(self, user_id: str) -> list[AdapterSession]:
        return await self._db.read(lambda db: self._session.find_all(db, user_id=user_id))

    async def delete_sessions_by_user_id(self, user_id: str, keep: str | None = None) -> int:
        row = self._session
        query = delete(row.model).where(*row.where({"user_id": user_id}))
        if keep is not None:
            query = query.where(~and_(*row.where({"session_token": keep})))
        return await self._db.run(lambda db: row.delete(db, query))

    async def delete_expired_sessions(self, now: datetime, limit: int | None = None) -> int:
        return await self._db.run(lambda db: self._session.delete_expired(db, now, limit))

    # --- verification tokens --------------------------------------------------------------------

    async def create_verification_token(self, token: VerificationToken) -> VerificationToken:
        """Store a token.

        Raises:
            AdapterError: if this identifier has this token already.
        """
        row = self._token
        taken = {TOKEN_TAKEN: row.taken(identifier=token.identifier, token=token.token)}
        return await self._db.guarded(lambda db: row.insert(db, token), taken)

    async def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None:
        """Take the row out. Without an identifier all rows of that token go; one is returned."""
        key = {"token": token} | ({} if identifier is None else {"identifier": identifier})
        return await self._db.run(lambda db: self._token.take(db, **key))

    async def delete_expired_verification_tokens(
        self, now: datetime, limit: int | None = None
    ) -> int:
        return await self._db.run(lambda db: self._token.delete_expired(db, now, limit))

    # --- authenticators -------------------------------------------------------------------------

    async def create_authenticator(self, authenticator: Authenticator) -> Authenticator:
        """Store a passkey.

        Raises:
            AdapterError: if its id is taken, or its user is unknown.
        """
        row = self._authenticator
        reasons = {
            CREDENTIAL_TAKEN: row.taken(credential_id=authenticator.credential_id),
            NO_SUCH_USER: self._no_user(authenticator.user_id),
        }
        return await self._db.guarded(lambda db: row.insert(db, authenticator), reasons)

    async def get_authenticator(self, credential_id: str) -> Authenticator | None:
        return await self._db.read(
            lambda db: self._authenticator.find(db, credential_id=credential_id)
        )

    async def list_authenticators_by_user_id(self, user_id: str) -> list[Authenticator]:
        return await self._db.read(lambda db: self._authenticator.find_all(db, user_id=user_id))

    async def update_authenticator_counter(self, credential_id: str, counter: int) -> Authenticator:
        """Set the signature counter.

        Raises:
            LookupError: if there is no such passkey.
        """
        row, changes = self._authenticator, {"counter": counter}
        updated = await self._db.run(
            lambda db: row.update(db, changes, credential_id=credential_id)
        )
        if updated is None:
            raise LookupError(NO_SUCH_AUTHENTICATOR)
        return updated

    async def update_authenticator(
        self, credential_id: str, changes: Mapping[str, Any]
    ) -> Authenticator:
        """Change the given fields.

        Raises:
            LookupError: if there is no such passkey.
            TypeError: if a field has no column; Auth.js' tables have none for ``name``.
            ValueError: if the id would change.
        """
        keep_id(changes, "credential_id", credential_id)
        row = self._authenticator
        updated = await self._db.run(
            lambda db: row.update(db, changes, credential_id=credential_id)
        )
        if updated is None:
            raise LookupError(NO_SUCH_AUTHENTICATOR)
        return updated

    async def delete_authenticator(self, credential_id: str) -> Authenticator | None:
        return await self._db.run(
            lambda db: self._authenticator.take(db, credential_id=credential_id)
        )

    def _owner(self, owned: Shape[Any]) -> ColumnElement[bool]:
        return cast("ColumnElement[bool]", owned.model.user_id == self.models.user.id)

    def _no_user(self, user_id: str) -> ColumnElement[bool]:
        return ~exists().where(self.models.user.id == user_id)
