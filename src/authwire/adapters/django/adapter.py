"""The adapter for sync code. `AsyncDjangoAdapter` runs the same in Django's own thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Generic, cast

from django.apps import apps  # type: ignore[import-untyped]  # Django has no types

from authwire.adapters._rules import (
    ACCOUNT_LINKED,
    CREDENTIAL_TAKEN,
    NO_SUCH_AUTHENTICATOR,
    SESSION_TAKEN,
    TOKEN_TAKEN,
    keep_id,
)
from authwire.adapters.django import schema
from authwire.adapters.django.database import Database
from authwire.adapters.django.store import Model, Models, Store
from authwire.adapters.django.users import is_active
from authwire.models import (
    Account,
    AdapterSession,
    Authenticator,
    U,
    User,
    VerificationToken,
)

__all__ = ["DjangoAdapter"]


class DjangoAdapter(Generic[U]):
    """The project's users and the tables of the app ``authwire``. Plain methods, for sync code.

    Each call is atomic. Inside a transaction of yours it is part of that one.

    Args:
        user_model: the model of users, or its name; default: ``AUTH_USER_MODEL``.
        user: your `User` subclass; each of its fields needs a column.
        fields: the column of a field, where it isn't called like the field.
        models: your own models in place of those of the app.
        new_user: gives more columns of a user that is about to be stored, such as ``username``.
        using: the name of the database in ``DATABASES``.
        close_connections: whether to close connections that broke or are too old before and after
            each call, which Django itself does around requests only.

    Raises:
        ImproperlyConfigured: if a model is missing, belongs to other users, or ``USE_TZ`` is off.
        TypeError: if a field has no column. In ``settings.py`` both come with the first call.
    """

    io: Final = "blocking"
    """The methods block the thread."""

    def __init__(
        self,
        user_model: Model | None = None,
        *,
        user: type[U] | None = None,
        fields: Mapping[str, str] | None = None,
        models: Models | None = None,
        new_user: Callable[[U], Mapping[str, Any]] | None = None,
        using: str = "default",
        close_connections: bool = False,
    ) -> None:
        self._user_type = cast("type[U]", user or User)
        self._user_model = user_model
        self._fields = dict(fields or {})
        self._models = models or Models()
        self._new_user = new_user
        self._database = Database(using, close=close_connections)
        if apps.models_ready:
            self._store  # noqa: B018  # to find faults now

    @cached_property
    def _store(self) -> Store[U]:
        return Store(
            self._user_type,
            self._user_model,
            self._models,
            self._database,
            columns=self._fields,
            new_user=self._new_user,
        )

    @contextmanager
    def _open(self) -> Iterator[Store[U]]:
        with self._database.open():
            yield self._store

    # --- users ----------------------------------------------------------------------------------

    def create_user(self, user: U) -> U:
        """Store a user, without a password. Where ids are numbers, the database chooses one.

        Raises:
            AdapterError: if the id or the e-mail is taken, or the user model needs an e-mail.
        """
        with self._open() as store:
            return store.users.insert(user)

    def get_user(self, user_id: str) -> U | None:
        """The user with this id, as are the next two by other keys.

        Raises:
            UserDeactivated: if the user may not sign in.
        """
        with self._open() as store:
            return store.active(store.users.row(user_id))

    def get_user_by_email(self, email: str) -> U | None:
        with self._open() as store:
            return store.active(store.users.by_email(email))

    def get_user_by_account(self, provider: str, provider_account_id: str) -> U | None:
        key = {"provider": provider, "provider_account_id": provider_account_id}
        with self._open() as store:
            rows = store.users.with_user(store.accounts.all)
            row = next(iter(store.accounts.matching(rows, key)), None)
            return store.active(None if row is None else row.user)

    def update_user(self, user_id: str, changes: Mapping[str, Any]) -> U:
        """Change the given fields, also of a user that is deactivated.

        Raises:
            LookupError: if there is no such user.
            TypeError: if a user has no such field.
            ValueError: if the id would change.
            AdapterError: if the e-mail is taken.
        """
        with self._open() as store:
            return store.users.update(user_id, changes)

    def delete_user(self, user_id: str) -> None:
        """Delete the user and whatever of the project's refers to it, as ``on_delete`` says.

        Raises:
            ProtectedError: if something does that may not be deleted along with it.
        """
        with self._open() as store:
            store.users.delete(user_id)

    # --- accounts -------------------------------------------------------------------------------

    def link_account(self, account: Account) -> Account:
        """Store an account.

        Raises:
            AdapterError: if it is linked already, or its user is unknown.
        """
        key = {"provider": account.provider, "provider_account_id": account.provider_account_id}
        with self._open() as store:
            return store.accounts.insert(account, ACCOUNT_LINKED, **key)

    def unlink_account(self, provider: str, provider_account_id: str) -> None:
        with self._open() as store:
            store.accounts.take(provider=provider, provider_account_id=provider_account_id)

    def get_account(self, provider: str, provider_account_id: str) -> Account | None:
        with self._open() as store:
            return store.accounts.find(provider=provider, provider_account_id=provider_account_id)

    def update_account(self, account: Account) -> Account | None:
        """Overwrite all but the account's key, owner and type."""
        key = {"provider": account.provider, "provider_account_id": account.provider_account_id}
        with self._open() as store:
            fixed = {"user_id", "type", *key}
            changes = {
                name: getattr(account, name) for name in store.accounts.names if name not in fixed
            }
            return store.accounts.update(changes, **key)

    def list_accounts_by_user_id(self, user_id: str) -> list[Account]:
        with self._open() as store:
            return store.accounts.list_of_user(user_id)

    # --- sessions -------------------------------------------------------------------------------

    def create_session(self, session: AdapterSession) -> AdapterSession:
        """Store a session.

        Raises:
            AdapterError: if the token is taken, or its user is unknown.
        """
        with self._open() as store:
            token = session.session_token
            return store.sessions.insert(session, SESSION_TAKEN, session_token=token)

    def get_session_and_user(self, session_token: str) -> tuple[AdapterSession, U] | None:
        """Both, in one query. The session of a user that is deactivated counts as none."""
        with self._open() as store:
            rows = store.users.with_user(store.sessions.all)
            row = next(iter(store.sessions.matching(rows, {"session_token": session_token})), None)
            if row is None or not is_active(row.user):
                return None
            return store.sessions.value(row), store.users.value(row.user)

    def update_session(self, session_token: str, expires: datetime) -> AdapterSession | None:
        with self._open() as store:
            return store.sessions.update({"expires": expires}, session_token=session_token)

    def delete_session(self, session_token: str) -> AdapterSession | None:
        with self._open() as store:
            return store.sessions.take(session_token=session_token)

    def list_sessions_by_user_id(self, user_id: str) -> list[AdapterSession]:
        with self._open() as store:
            return store.sessions.list_of_user(user_id)

    def delete_sessions_by_user_id(self, user_id: str, keep: str | None = None) -> int:
        with self._open() as store:
            rows = store.sessions.of_user(user_id)
            if keep is not None:
                rows = rows.exclude(session_token=keep)
            return store.sessions.delete(rows)

    def delete_expired_sessions(self, now: datetime, limit: int | None = None) -> int:
        with self._open() as store:
            return store.sessions.delete_expired(now, limit)

    # --- verification tokens --------------------------------------------------------------------

    def create_verification_token(self, token: VerificationToken) -> VerificationToken:
        """Store a token.

        Raises:
            AdapterError: if this identifier has this token already.
        """
        key = {"identifier": token.identifier, "token": token.token}
        with self._open() as store:
            return store.tokens.insert(token, TOKEN_TAKEN, **key)

    def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None:
        """Take the row out. Without an identifier all rows of that token go; one is returned."""
        with self._open() as store:
            if identifier is None:
                return store.tokens.take_all(token=token)
            return store.tokens.take(token=token, identifier=identifier)

    def delete_expired_verification_tokens(self, now: datetime, limit: int | None = None) -> int:
        with self._open() as store:
            return store.tokens.delete_expired(now, limit)

    # --- authenticators -------------------------------------------------------------------------

    def create_authenticator(self, authenticator: Authenticator) -> Authenticator:
        """Store a passkey.

        Raises:
            AdapterError: if its id is taken, or its user is unknown.
        """
        with self._open() as store:
            credential_id = authenticator.credential_id
            rows = store.authenticators
            return rows.insert(authenticator, CREDENTIAL_TAKEN, credential_id=credential_id)

    def get_authenticator(self, credential_id: str) -> Authenticator | None:
        with self._open() as store:
            return store.authenticators.find(credential_id=credential_id)

    def list_authenticators_by_user_id(self, user_id: str) -> list[Authenticator]:
        with self._open() as store:
            return store.authenticators.list_of_user(user_id)

    def update_authenticator_counter(self, credential_id: str, counter: int) -> Authenticator:
        """Set the signature counter.

        Raises:
            LookupError: if there is no such passkey.
        """
        return self.update_authenticator(credential_id, {"counter": counter})

    def update_authenticator(self, credential_id: str, changes: Mapping[str, Any]) -> Authenticator:
        """Change the given fields.

        Raises:
            LookupError: if there is no such passkey.
            TypeError: if a passkey has no such field.
            ValueError: if the id would change.
        """
        keep_id(changes, "credential_id", credential_id)
        with self._open() as store:
            updated = store.authenticators.update(changes, credential_id=credential_id)
        if updated is None:
            raise LookupError(NO_SUCH_AUTHENTICATOR)
        return updated

    def delete_authenticator(self, credential_id: str) -> Authenticator | None:
        with self._open() as store:
            return store.authenticators.take(credential_id=credential_id)

    # --- schema ---------------------------------------------------------------------------------

    def create_schema(self) -> None:
        """Run the migrations of our models' apps, and of the users' if they have no table yet."""
        with self._open() as store:
            schema.create(self._database, store.users.model, store.ours)

    def check_schema(self) -> list[str]:
        """Migrations that were not run, and tables, columns and unique keys that are missing."""
        with self._open() as store:
            return schema.missing(self._database, store.users.model, store.ours)
