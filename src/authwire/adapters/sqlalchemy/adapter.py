"""The adapter. Queries are written once, against a sync `Session`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar, cast

import anyio
from sqlalchemy import ColumnElement, Engine, delete, exists, select
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool

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
from authwire.adapters._rules import (
    taken as refused,
)
from authwire.adapters.sqlalchemy.models import Models, Naming, default_models
from authwire.adapters.sqlalchemy.shape import UNSYNCED, Shape
from authwire.models import (
    Account,
    AdapterSession,
    Authenticator,
    U,
    User,
    VerificationToken,
)

__all__ = ["SQLAlchemyAdapter", "Sessions"]

T = TypeVar("T")
Sessions = Engine | AsyncEngine | sessionmaker[Any] | async_sessionmaker[Any]


class SQLAlchemyAdapter(Generic[U]):
    """Any SQL database that SQLAlchemy speaks. One transaction for each call.

    With a sync engine no method ever suspends, so sync apps can drive them; an async app runs them
    in threads then. Awaited directly, they block the event loop.

    Args:
        engine: an engine or a ``sessionmaker``, async or sync.
        models: your own mapped classes; see `Models.for_user`.
        user: your `User` subclass; each of its fields needs a column.
        naming: of the default tables: ``snake``, or ``authjs`` for those of Auth.js' Drizzle adapter.

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
        self._sessions = _sessions(engine)
        bind = self._sessions.kw.get("bind")
        # One connection for all: transactions of different callers would run into one another.
        shared = bind is not None and isinstance(bind.pool, StaticPool)
        self._turn = threading.Lock() if shared else nullcontext()
        self._async_turn = anyio.Lock() if shared else nullcontext()
        self._user = Shape(cast("type[U]", user or User), self.models.user)
        self._account = Shape(Account, self.models.account, optional={"extra"})
        self._session = Shape(AdapterSession, self.models.session)
        self._token = Shape(VerificationToken, self.models.verification_token)
        self._authenticator = Shape(Authenticator, self.models.authenticator, optional={"name"})

    @property
    def io(self) -> Literal["async", "blocking"]:
        """Whether the methods wait in an event loop or block the thread."""
        return "async" if isinstance(self._sessions, async_sessionmaker) else "blocking"

    async def create_schema(self) -> None:
        """Create the tables that are missing: for quickstarts and tests. Later, use migrations."""
        models = self.models
        owned = (models.account, models.session, models.verification_token, models.authenticator)
        tables = [models.user.__table__, *(model.__table__ for model in owned)]
        metadata = models.user.metadata
        await self._run(lambda db: metadata.create_all(db.connection(), tables=tables))

    # --- users ----------------------------------------------------------------------------------

    async def create_user(self, user: U) -> U:
        """Store a user; an empty id is replaced by a new one.

        Raises:
            AdapterError: if the id or the e-mail is taken.
        """
        row, model = self._user, self.models.user
        stored = with_id(user)
        taken = {USER_ID_TAKEN: model.id == stored.id}
        if stored.email is not None:
            taken[EMAIL_TAKEN] = model.email == stored.email
        return await self._guarded(lambda db: row.insert(db, stored), taken)

    async def get_user(self, user_id: str) -> U | None:
        return await self._run(lambda db: self._user.find(db, id=user_id))

    async def get_user_by_email(self, email: str) -> U | None:
        return await self._run(lambda db: self._user.find(db, email=email))

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

        return await self._run(find)

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
            taken[EMAIL_TAKEN] = same & (model.id != user_id)
        updated = await self._guarded(
            lambda db: row.update(db, changes, id=user_id) if changes else row.find(db, id=user_id),
            taken,
        )
        if updated is None:
            raise LookupError(NO_SUCH_USER)
        return updated

    async def delete_user(self, user_id: str) -> None:
        models = self.models

        # Not left to ON DELETE CASCADE alone: SQLite ignores that unless a pragma is set.
        def remove(db: Session) -> None:
            for owned in (models.session, models.account, models.authenticator):
                db.execute(delete(owned).where(owned.user_id == user_id), **UNSYNCED)
            db.execute(delete(models.user).where(models.user.id == user_id), **UNSYNCED)

        await self._run(remove)

    # --- accounts -------------------------------------------------------------------------------

    async def link_account(self, account: Account) -> Account:
        """Store an account.

        Raises:
            AdapterError: if it is linked already, or its user is unknown.
        """
        row = self._account
        key = {"provider": account.provider, "provider_account_id": account.provider_account_id}
        taken = {ACCOUNT_LINKED: _all(row.where(key))}
        return await self._guarded(lambda db: row.insert(db, account), taken)

    async def unlink_account(self, provider: str, provider_account_id: str) -> None:
        row = self._account
        key = {"provider": provider, "provider_account_id": provider_account_id}
        query = delete(self.models.account).where(*row.where(key))
        await self._run(lambda db: db.execute(query, **UNSYNCED))

    async def get_account(self, provider: str, provider_account_id: str) -> Account | None:
        key = {"provider": provider, "provider_account_id": provider_account_id}
        return await self._run(lambda db: self._account.find(db, **key))

    async def update_account(self, account: Account) -> Account | None:
        """Overwrite all but the account's key, owner and type."""
        row = self._account
        key = {"provider": account.provider, "provider_account_id": account.provider_account_id}
        changes = row.values(account)
        for fixed in ("user_id", "type", *key):
            del changes[fixed]
        return await self._run(lambda db: row.update(db, changes, **key))

    async def list_accounts_by_user_id(self, user_id: str) -> list[Account]:
        return await self._run(lambda db: self._account.find_all(db, user_id=user_id))

    # --- sessions -------------------------------------------------------------------------------

    async def create_session(self, session: AdapterSession) -> AdapterSession:
        """Store a session.

        Raises:
            AdapterError: if the token is taken, or its user is unknown.
        """
        row = self._session
        same = self.models.session.session_token == session.session_token
        taken = {SESSION_TAKEN: same}
        return await self._guarded(lambda db: row.insert(db, session), taken)

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

        return await self._run(find)

    async def update_session(self, session_token: str, expires: datetime) -> AdapterSession | None:
        row, changes = self._session, {"expires": expires}
        return await self._run(lambda db: row.update(db, changes, session_token=session_token))

    async def delete_session(self, session_token: str) -> AdapterSession | None:
        return await self._run(lambda db: self._session.take(db, session_token=session_token))

    async def list_sessions_by_user_id(self, user_id: str) -> list[AdapterSession]:
        return await self._run(lambda db: self._session.find_all(db, user_id=user_id))

    async def delete_sessions_by_user_id(self, user_id: str, keep: str | None = None) -> int:
        model = self.models.session
        query = delete(model).where(model.user_id == user_id)
        if keep is not None:
            query = query.where(model.session_token != keep)
        return await self._run(lambda db: self._session.delete(db, query))

    async def delete_expired_sessions(self, now: datetime, limit: int | None = None) -> int:
        return await self._run(lambda db: self._session.delete_expired(db, now, limit))

    # --- verification tokens --------------------------------------------------------------------

    async def create_verification_token(self, token: VerificationToken) -> VerificationToken:
        """Store a token.

        Raises:
            AdapterError: if this identifier has this token already.
        """
        row = self._token
        same = _all(row.where({"identifier": token.identifier, "token": token.token}))
        taken = {TOKEN_TAKEN: same}
        return await self._guarded(lambda db: row.insert(db, token), taken)

    async def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None:
        """Take the row out. Without an identifier all rows of that token go; one is returned."""
        key = {"token": token} | ({} if identifier is None else {"identifier": identifier})
        return await self._run(lambda db: self._token.take(db, **key))

    async def delete_expired_verification_tokens(
        self, now: datetime, limit: int | None = None
    ) -> int:
        return await self._run(lambda db: self._token.delete_expired(db, now, limit))

    # --- authenticators -------------------------------------------------------------------------

    async def create_authenticator(self, authenticator: Authenticator) -> Authenticator:
        """Store a passkey.

        Raises:
            AdapterError: if its id is taken, or its user is unknown.
        """
        row = self._authenticator
        same = self.models.authenticator.credential_id == authenticator.credential_id
        taken = {CREDENTIAL_TAKEN: same}
        return await self._guarded(lambda db: row.insert(db, authenticator), taken)

    async def get_authenticator(self, credential_id: str) -> Authenticator | None:
        return await self._run(lambda db: self._authenticator.find(db, credential_id=credential_id))

    async def list_authenticators_by_user_id(self, user_id: str) -> list[Authenticator]:
        return await self._run(lambda db: self._authenticator.find_all(db, user_id=user_id))

    async def update_authenticator_counter(self, credential_id: str, counter: int) -> Authenticator:
        """Set the signature counter.

        Raises:
            LookupError: if there is no such passkey.
        """
        row, changes = self._authenticator, {"counter": counter}
        updated = await self._run(lambda db: row.update(db, changes, credential_id=credential_id))
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
        updated = await self._run(lambda db: row.update(db, changes, credential_id=credential_id))
        if updated is None:
            raise LookupError(NO_SUCH_AUTHENTICATOR)
        return updated

    async def delete_authenticator(self, credential_id: str) -> Authenticator | None:
        return await self._run(lambda db: self._authenticator.take(db, credential_id=credential_id))

    # --- running a query ------------------------------------------------------------------------

    def _owner(self, owned: Shape[Any]) -> ColumnElement[bool]:
        return cast("ColumnElement[bool]", owned.model.user_id == self.models.user.id)

    async def _run(self, query: Callable[[Session], T]) -> T:
        """Run ``query`` in a transaction of its own. Errors don't tell the values, which are secret."""
        try:
            if isinstance(self._sessions, async_sessionmaker):
                async with self._async_turn, self._sessions.begin() as session:
                    return await session.run_sync(query)
            with self._turn, self._sessions.begin() as session:
                return query(session)
        except StatementError as exc:
            exc.hide_parameters = True
            raise

    async def _guarded(
        self, query: Callable[[Session], T], taken: Mapping[str, ColumnElement[bool]]
    ) -> T:
        """Run ``query``; if a constraint stops it, say which of the rows ``taken`` is in the way."""
        try:
            return await self._run(query)
        except IntegrityError as exc:
            kind = type(exc.orig).__name__

        def blamed(db: Session) -> str | None:
            hits = (text for text, rows in taken.items() if db.scalar(select(exists().where(rows))))
            return next(hits, None)

        # Outside of the except clause, as the driver's own text quotes the values.
        message = await self._run(blamed)
        raise refused(message or f"a constraint refused the row ({kind}): is there such a user?")


def _all(conditions: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    return ColumnElement.__and__(*conditions)


def _sessions(engine: Sessions) -> sessionmaker[Session] | async_sessionmaker[AsyncSession]:
    match engine:
        case AsyncEngine():
            return async_sessionmaker(engine)
        case Engine():
            return sessionmaker(engine)
        case sessionmaker() | async_sessionmaker():
            return engine
    raise TypeError(
        f"expected an engine or a sessionmaker of SQLAlchemy, not {type(engine).__name__}"
    )
