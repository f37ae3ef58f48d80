"""An adapter that keeps everything in dicts."""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from itertools import islice
from typing import Any, Final, Generic, TypeVar, cast

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
from authwire.models import (
    Account,
    AdapterSession,
    Authenticator,
    U,
    User,
    VerificationToken,
)

__all__ = ["MemoryAdapter"]

_UNCHANGING: Final = frozenset({str, int, float, bool, bytes, datetime, type(None)})

V = TypeVar("V")


class MemoryAdapter(Generic[U]):
    """For tests and demos: lives in one process and is gone when that ends.

    Its methods never suspend, so it serves async and sync apps alike, and any number of threads.
    Rows stay in the order in which they came. Whatever goes in or out is a copy.

    Args:
        user: your `User` subclass, if you have one.
    """

    io: Final = "none"
    """Nothing here waits or blocks."""

    def __init__(self, *, user: type[U] | None = None) -> None:
        self._user_type = cast("type[U]", user or User)
        self._lock = threading.Lock()
        self._users: dict[str, U] = {}
        self._ids_by_email: dict[str, str] = {}
        self._accounts: dict[tuple[str, str], Account] = {}
        self._sessions: dict[str, AdapterSession] = {}
        self._tokens: dict[str, dict[str, VerificationToken]] = {}
        """By token, then by identifier: one token alone must be enough to find the row."""
        self._authenticators: dict[str, Authenticator] = {}

    # --- for assertions -------------------------------------------------------------------------

    @property
    def users(self) -> list[U]:
        """A snapshot of the users, as are the other four of their tables."""
        with self._lock:
            return [_copy(row) for row in self._users.values()]

    @property
    def accounts(self) -> list[Account]:
        with self._lock:
            return [_copy(row) for row in self._accounts.values()]

    @property
    def sessions(self) -> list[AdapterSession]:
        with self._lock:
            return list(self._sessions.values())

    @property
    def verification_tokens(self) -> list[VerificationToken]:
        with self._lock:
            return [row for rows in self._tokens.values() for row in rows.values()]

    @property
    def authenticators(self) -> list[Authenticator]:
        with self._lock:
            return list(self._authenticators.values())

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            for table in (
                self._users,
                self._ids_by_email,
                self._accounts,
                self._sessions,
                self._tokens,
                self._authenticators,
            ):
                table.clear()

    # --- users ----------------------------------------------------------------------------------

    async def create_user(self, user: U) -> U:
        """Store a user; an empty id is replaced by a new one.

        Raises:
            AdapterError: if the id or the e-mail is taken.
        """
        values = {item.name: getattr(user, item.name) for item in fields(user)}
        values["id"] = with_id(user).id
        row = _copy(self._user_type(**values))
        with self._lock:
            if row.id in self._users:
                raise taken(USER_ID_TAKEN)
            self._claim_email(row)
            self._users[row.id] = row
        return _copy(row)

    async def get_user(self, user_id: str) -> U | None:
        with self._lock:
            return _copy(self._users.get(user_id))

    async def get_user_by_email(self, email: str) -> U | None:
        with self._lock:
            user_id = self._ids_by_email.get(email)
            return None if user_id is None else _copy(self._users[user_id])

    async def get_user_by_account(self, provider: str, provider_account_id: str) -> U | None:
        with self._lock:
            account = self._accounts.get((provider, provider_account_id))
            return None if account is None else _copy(self._users[account.user_id])

    async def update_user(self, user_id: str, changes: Mapping[str, Any]) -> U:
        """Change the given fields.

        Raises:
            LookupError: if there is no such user.
            TypeError: if a user has no such field.
            ValueError: if the id would change.
            AdapterError: if the e-mail is taken.
        """
        keep_id(changes, "id", user_id)
        with self._lock:
            old = self._users.get(user_id)
            if old is None:
                raise LookupError(NO_SUCH_USER)
            row = _copy(replace(old, **changes))
            if row.email != old.email:
                self._claim_email(row)
                if old.email is not None:
                    del self._ids_by_email[old.email]
            self._users[user_id] = row
            return _copy(row)

    async def delete_user(self, user_id: str) -> None:
        with self._lock:
            user = self._users.pop(user_id, None)
            if user is None:
                return
            if user.email is not None:
                del self._ids_by_email[user.email]
            _drop_owned(self._accounts, user_id)
            _drop_owned(self._sessions, user_id)
            _drop_owned(self._authenticators, user_id)

    # --- accounts -------------------------------------------------------------------------------

    async def link_account(self, account: Account) -> Account:
        """Store an account.

        Raises:
            AdapterError: if it is linked already, or its user is unknown.
        """
        row = _copy(account)
        with self._lock:
            self._require_user(row.user_id)
            key = (row.provider, row.provider_account_id)
            if key in self._accounts:
                raise taken(ACCOUNT_LINKED)
            self._accounts[key] = row
        return _copy(row)

    async def unlink_account(self, provider: str, provider_account_id: str) -> None:
        with self._lock:
            self._accounts.pop((provider, provider_account_id), None)

    async def get_account(self, provider: str, provider_account_id: str) -> Account | None:
        with self._lock:
            return _copy(self._accounts.get((provider, provider_account_id)))

    async def update_account(self, account: Account) -> Account | None:
        """Overwrite all but the account's key, owner and type."""
        key = (account.provider, account.provider_account_id)
        with self._lock:
            old = self._accounts.get(key)
            if old is None:
                return None
            self._accounts[key] = _copy(account_changes(account, old))
            return _copy(self._accounts[key])

    async def list_accounts_by_user_id(self, user_id: str) -> list[Account]:
        with self._lock:
            return [_copy(row) for row in self._accounts.values() if row.user_id == user_id]

    # --- sessions -------------------------------------------------------------------------------

    async def create_session(self, session: AdapterSession) -> AdapterSession:
        """Store a session.

        Raises:
            AdapterError: if the token is taken, or its user is unknown.
        """
        with self._lock:
            self._require_user(session.user_id)
            if session.session_token in self._sessions:
                raise taken(SESSION_TAKEN)
            self._sessions[session.session_token] = session
        return session

    async def get_session_and_user(self, session_token: str) -> tuple[AdapterSession, U] | None:
        with self._lock:
            session = self._sessions.get(session_token)
            return None if session is None else (session, _copy(self._users[session.user_id]))

    async def update_session(self, session_token: str, expires: datetime) -> AdapterSession | None:
        with self._lock:
            old = self._sessions.get(session_token)
            if old is None:
                return None
            self._sessions[session_token] = replace(old, expires=expires)
            return self._sessions[session_token]

    async def delete_session(self, session_token: str) -> AdapterSession | None:
        with self._lock:
            return self._sessions.pop(session_token, None)

    async def list_sessions_by_user_id(self, user_id: str) -> list[AdapterSession]:
        with self._lock:
            return [row for row in self._sessions.values() if row.user_id == user_id]

    async def delete_sessions_by_user_id(self, user_id: str, keep: str | None = None) -> int:
        with self._lock:
            rows = self._sessions.values()
            gone = [row for row in rows if row.user_id == user_id and row.session_token != keep]
            for row in gone:
                del self._sessions[row.session_token]
        return len(gone)

    async def delete_expired_sessions(self, now: datetime, limit: int | None = None) -> int:
        with self._lock:
            expired = (row for row in self._sessions.values() if row.expires < now)
            gone = list(islice(expired, limit))
            for row in gone:
                del self._sessions[row.session_token]
        return len(gone)

    # --- verification tokens --------------------------------------------------------------------

    async def create_verification_token(self, token: VerificationToken) -> VerificationToken:
        """Store a token.

        Raises:
            AdapterError: if this identifier has this token already.
        """
        with self._lock:
            rows = self._tokens.setdefault(token.token, {})
            if token.identifier in rows:
                raise taken(TOKEN_TAKEN)
            rows[token.identifier] = token
        return token

    async def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None:
        """Take the row out. Without an identifier all rows of that token go; the oldest is returned."""
        with self._lock:
            rows = self._tokens.get(token)
            if rows is None:
                return None
            chosen = next(iter(rows)) if identifier is None else identifier
            used = rows.pop(chosen, None)
            if identifier is None or not rows:
                del self._tokens[token]
            return used

    async def delete_expired_verification_tokens(
        self, now: datetime, limit: int | None = None
    ) -> int:
        with self._lock:
            rows = (row for rows in self._tokens.values() for row in rows.values())
            gone = list(islice((row for row in rows if row.expires < now), limit))
            for row in gone:
                left = self._tokens[row.token]
                del left[row.identifier]
                if not left:
                    del self._tokens[row.token]
        return len(gone)

    # --- authenticators -------------------------------------------------------------------------

    async def create_authenticator(self, authenticator: Authenticator) -> Authenticator:
        """Store a passkey.

        Raises:
            AdapterError: if its id is taken, or its user is unknown.
        """
        with self._lock:
            self._require_user(authenticator.user_id)
            if authenticator.credential_id in self._authenticators:
                raise taken(CREDENTIAL_TAKEN)
            self._authenticators[authenticator.credential_id] = authenticator
        return authenticator

    async def get_authenticator(self, credential_id: str) -> Authenticator | None:
        with self._lock:
            return self._authenticators.get(credential_id)

    async def list_authenticators_by_user_id(self, user_id: str) -> list[Authenticator]:
        with self._lock:
            return [row for row in self._authenticators.values() if row.user_id == user_id]

    async def update_authenticator_counter(self, credential_id: str, counter: int) -> Authenticator:
        """Set the signature counter.

        Raises:
            LookupError: if there is no such passkey.
        """
        with self._lock:
            old = self._authenticators.get(credential_id)
            if old is None:
                raise LookupError(NO_SUCH_AUTHENTICATOR)
            self._authenticators[credential_id] = replace(old, counter=counter)
            return self._authenticators[credential_id]

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
        with self._lock:
            old = self._authenticators.get(credential_id)
            if old is None:
                raise LookupError(NO_SUCH_AUTHENTICATOR)
            self._authenticators[credential_id] = replace(old, **changes)
            return self._authenticators[credential_id]

    async def delete_authenticator(self, credential_id: str) -> Authenticator | None:
        with self._lock:
            return self._authenticators.pop(credential_id, None)

    # --- schema ---------------------------------------------------------------------------------

    async def create_schema(self) -> None:
        """Nothing to do."""

    async def check_schema(self) -> list[str]:
        """Nothing can be missing."""
        return []

    # --- inside the lock ------------------------------------------------------------------------

    def _require_user(self, user_id: str) -> None:
        if user_id not in self._users:
            raise taken(NO_SUCH_USER)

    def _claim_email(self, row: U) -> None:
        if row.email is None:
            return
        if row.email in self._ids_by_email:
            raise taken(EMAIL_TAKEN)
        self._ids_by_email[row.email] = row.id


def _copy(row: V) -> V:
    """Users may hold anything and accounts hold JSON; the other models are frozen all through."""
    if isinstance(row, Account):
        # A mapping proxy cannot be copied as it is.
        return cast("V", replace(row, extra=copy.deepcopy(dict(row.extra))))
    if isinstance(row, User) and _UNCHANGING.issuperset(map(type, vars(row).values())):
        return row  # frozen, and nothing in it can change
    return copy.deepcopy(row)


def _drop_owned(table: dict[Any, Any], user_id: str) -> None:
    for key in [key for key, row in table.items() if row.user_id == user_id]:
        del table[key]
