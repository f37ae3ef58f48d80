"""The users: rows of the project's own user model, with a detail row where that lacks columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Generic

from django.core.exceptions import ObjectDoesNotExist  # type: ignore[import-untyped]  # Django has no types
from django.db import DatabaseError  # type: ignore[import-untyped]  # as above

from authwire.adapters._rules import EMAIL_TAKEN, NO_SUCH_USER, USER_ID_TAKEN, keep_id, with_id
from authwire.adapters._rules import taken as refused
from authwire.adapters.django.columns import Columns
from authwire.adapters.django.database import Database, meta, parsed_key
from authwire.errors import AdapterError
from authwire.models import U

__all__ = ["UserDeactivated", "Users", "is_active"]


class UserDeactivated(AdapterError):
    """The user has ``is_active = False`` and may not sign in. The browser is told AccessDenied."""

    type = "AccessDenied"
    client_safe = True


class Users(Generic[U]):
    """Finds, stores and changes users.

    Args:
        kind: the dataclass of users.
        model: the user model.
        detail: gives the model of the detail rows; called only if they are needed.
        database: where both are.
        columns: the column of a field, where it isn't the field's own name.
        new_user: gives columns of a new user that are no fields of ``kind``.
    """

    def __init__(
        self,
        kind: type[U],
        model: type[Any],
        detail: Callable[[], type[Any]],
        database: Database,
        *,
        columns: Mapping[str, str],
        new_user: Callable[[U], Mapping[str, Any]] | None,
    ) -> None:
        self.model = model
        self.database = database
        self.columns = Columns(kind, model, columns)
        self.detail = detail() if self.columns.detailed else None
        self._accessor = self._joined = ""
        """The attribute of a user that is its detail row, and what queries call it."""
        if self.detail is not None:
            field = meta(self.detail).get_field("user")
            self._accessor = field.remote_field.get_accessor_name()
            self._joined = field.related_query_name()
        self._new_user = new_user

    @property
    def all(self) -> Any:
        rows = self.database.rows(self.model)
        return rows.select_related(self._joined) if self._joined else rows

    def with_user(self, rows: Any) -> Any:
        """A query that reads the ``user`` of each row along with it."""
        return rows.select_related("user", *([f"user__{self._joined}"] if self._joined else []))

    # --- reading --------------------------------------------------------------------------------

    def value(self, row: Any) -> U:
        return self.columns.value(row, self._detail(row))

    def active(self, row: Any) -> U:
        """The user.

        Raises:
            UserDeactivated: if it may not sign in. "No such user" would be wrong: another one would
                be made in its place.
        """
        if not is_active(row):
            raise UserDeactivated("the user is deactivated")
        return self.value(row)

    def row(self, user_id: str) -> Any:
        key = parsed_key(self.columns.key, user_id)
        found = [] if key is None else self.all.filter(pk=key)
        return next((row for row in found if str(row.pk) == user_id), None)

    def by_email(self, email: str) -> Any:
        """The row with this address, byte for byte.

        Raises:
            AdapterError: if several have it, which other software stored.
        """
        if not email:
            return None  # what the user model has for "none"
        columns = self.columns
        if not columns.unique_email:
            row = self._claimer(email)
            if row is not None:
                return row
            if "email" not in columns.own:
                return None
        rows = self._rows_with(email)
        if len(rows) > 1:
            raise AdapterError("several users have this e-mail")
        return rows[0] if rows else None

    def _detail(self, row: Any) -> Any:
        if not self._accessor:
            return None
        try:
            return getattr(row, self._accessor)
        except ObjectDoesNotExist:
            return None

    def _rows_with(self, email: str) -> list[Any]:
        column = self.columns.own["email"].name
        return [row for row in self.all.filter(**{column: email}) if self._has(row, email)]

    def _has(self, row: Any, email: str) -> bool:
        return self.columns.email(row) == email

    def _claims(self, email: str) -> list[Any]:
        """The detail rows with this address: one, or none."""
        rows = self.with_user(self.database.rows(self.detail))
        return [detail for detail in rows.filter(email=email) if detail.email == email]

    def _claimer(self, email: str) -> Any:
        """The user whose claim to ``email`` counts."""
        for detail in self._claims(email):
            if self.columns.agrees(detail.user, detail):
                return detail.user
        return None

    # --- writing --------------------------------------------------------------------------------

    def insert(self, user: U) -> U:
        """Store a user.

        Raises:
            AdapterError: if the id or the e-mail is taken.
        """
        self._require_room(user.email)
        stored = with_id(user)
        more = {} if self._new_user is None else self._new_user(stored)
        key = self.columns.new_row(stored, more).pk

        def prepare() -> Callable[[], U]:
            row = self.columns.new_row(stored, more)
            row.pk = key
            return lambda: write(row)

        def write(row: Any) -> U:
            row.save(force_insert=True, using=self.database.alias)
            detail = None
            if self.columns.detailed:
                detail = self._save_detail(row, None, self.columns.detail_values(stored))
            self._require_alone(row, stored.email)
            return self.columns.value(row, detail)

        def blame() -> str | None:
            if key is not None and self.database.rows(self.model).filter(pk=key).exists():
                return USER_ID_TAKEN
            return self._blame_email(stored.email, key)

        return self.database.write(prepare, blame)

    def update(self, user_id: str, changes: Mapping[str, Any]) -> U:
        """Change the given fields.

        Raises:
            LookupError: if there is no such user.
            TypeError: if a user has no such field.
            ValueError: if the id would change.
            AdapterError: if the e-mail is taken.
        """
        keep_id(changes, "id", user_id)
        self.columns.require(changes)
        if "email" in changes:
            self._require_room(changes["email"])
        key = parsed_key(self.columns.key, user_id)

        def prepare() -> Callable[[], U]:
            row = self.row(user_id)
            if row is None:
                raise LookupError(NO_SUCH_USER)
            return self._change(row, changes)

        def blame() -> str | None:
            row = self.row(user_id)
            email = changes["email"] if "email" in changes else row and self.value(row).email
            return self._blame_email(email, key)

        try:
            return self.database.write(prepare, blame)
        except DatabaseError:
            if self.row(user_id) is not None:
                raise
        raise LookupError(NO_SUCH_USER)  # it went away meanwhile

    def delete(self, user_id: str) -> None:
        """Delete the user and, as Django does it, what refers to it."""
        row = self.row(user_id)
        if row is not None:
            row.delete(using=self.database.alias)

    def _change(self, row: Any, changes: Mapping[str, Any]) -> Callable[[], U]:
        """What writes ``changes`` to a user that was just read."""
        detail = self._detail(row)
        old = self.columns.value(row, detail)
        new = replace(old, **changes)
        values = self._detail_changes(row, detail, new, changes)
        own = self.columns.set(row, changes)

        def write() -> U:
            if own:
                row.save(update_fields=own, using=self.database.alias)
            kept = self._save_detail(row, detail, values) if values else detail
            if new.email != old.email:
                self._require_alone(row, new.email)
            return self.columns.value(row, kept)

        return write

    def _detail_changes(
        self, row: Any, detail: Any, new: U, changes: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Columns of the detail row to write, if any; all of them if there is no row yet.

        A row that is about another address than the user's is brought up to date, but doesn't claim
        one that several users share.
        """
        columns = self.columns
        touched = changes.keys() & columns.elsewhere
        if not columns.detailed or not (touched or "email" in changes):
            return {}
        values = columns.detail_values(new)
        if "email" in changes or not columns.agrees(row, detail):
            touched |= values.keys() & {"email", "email_verified"}
            if "email" not in changes and self._is_shared(row, new.email):
                values |= dict.fromkeys(values.keys() & {"email", "email_verified"})
        return values if detail is None else {name: values[name] for name in touched}

    def _save_detail(self, row: Any, detail: Any, values: Mapping[str, Any]) -> Any:
        if detail is None:
            made = self.detail(user_id=row.pk, **values)  # type: ignore[misc]  # called only if there is one
            made.save(force_insert=True, using=self.database.alias)
            return made
        for name, value in values.items():
            setattr(detail, name, value)
        detail.save(update_fields=list(values), using=self.database.alias)
        return detail

    # --- one address, one user ------------------------------------------------------------------

    def _require_room(self, email: str | None) -> None:
        if not email and self.columns.unique_email and not self.columns.own["email"].null:
            raise AdapterError("the user model has no room for a user without an e-mail")

    def _is_shared(self, row: Any, email: str | None) -> bool:
        """Whether a user stored by other software has the address too."""
        if not email or self.columns.unique_email or "email" not in self.columns.own:
            return False
        return any(other.pk != row.pk for other in self._rows_with(email))

    def _require_alone(self, row: Any, email: str | None) -> None:
        if self._is_shared(row, email):
            raise refused(EMAIL_TAKEN)

    def _blame_email(self, email: str | None, key: Any) -> str | None:
        """Whether another user has the address. A claim to it that counts no more is given up."""
        if not email:
            return None
        if "email" in self.columns.own and any(r.pk != key for r in self._rows_with(email)):
            return EMAIL_TAKEN
        for detail in self._claims(email) if self.columns.detailed else ():
            if self.columns.agrees(detail.user, detail) and detail.user_id != key:
                return EMAIL_TAKEN
            if not self.columns.agrees(detail.user, detail):
                stale = self.database.rows(self.detail).filter(pk=detail.pk, email=email)
                stale.update(email=None, email_verified=None)
        return None


def is_active(row: Any) -> bool:
    """Whether a row of the user model may sign in."""
    return bool(getattr(row, "is_active", True))
