"""A mixin for each table. Attributes have the Python names of `authwire.models`."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, event
from sqlalchemy.orm import Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeEngine

from authwire.adapters.sqlalchemy.columns import (
    TABLES,
    Naming,
    column_name,
    column_type,
    is_ours,
)
from authwire.adapters.sqlalchemy.types import PrismaMoment, PrismaNow
from authwire.models import Account, AdapterSession, Authenticator, User, VerificationToken

__all__ = [
    "AccountMixin",
    "AuthenticatorMixin",
    "SessionMixin",
    "UserMixin",
    "VerificationTokenMixin",
]


def _now() -> datetime:
    return datetime.now(UTC)


def _random_id() -> str:
    return str(uuid.uuid4())


class _Named:
    """What all tables have in common."""

    authwire_naming: ClassVar[Naming] = "snake"
    authwire_row_ids: ClassVar[bool] = False
    """Whether Prisma's accounts and sessions have an ``id``, as the page of its adapter shows for
    MySQL and SQLite. A user need not have an e-mail there."""
    authwire_stamps: ClassVar[bool] = True
    """Whether Prisma's users, accounts and sessions have ``createdAt`` and ``updatedAt``."""


Rule = Callable[[type[_Named]], bool]
"""Something that holds for some tables."""


def _with(*namings: Naming) -> Rule:
    return lambda cls: cls.authwire_naming in namings


def _always(_: type[_Named]) -> bool:
    return True


def _never(_: type[_Named]) -> bool:
    return False


def _has_row_id(cls: type[_Named]) -> bool:
    naming = cls.authwire_naming
    return naming == "pg" or (naming == "prisma" and cls.authwire_row_ids)


def _has_no_row_id(cls: type[_Named]) -> bool:
    return not _has_row_id(cls)


def _made(column: Callable[[type[Any]], Any]) -> Any:
    """A column that depends on the class it ends up in; none if ``column`` returns None."""
    # SQLAlchemy would read an annotated function's result as the column's type.
    return declared_attr(lambda cls: column(cls))  # noqa: PLW0108  # see above


def _field(
    model: type,
    field: str,
    *,
    null: Rule = _never,
    key: Rule = _never,
    unique: Rule = _never,
    index: Rule = _never,
    exists: Rule = _always,
) -> Any:
    """The column of a field.

    Args:
        model: whose field.
        field: in Python.
        null: whether it may be empty.
        key: whether it is part of the primary key.
        unique: whether it is unique by itself.
        index: whether it has an index by itself.
        exists: whether there is such a column at all.
    """

    def options(cls: type[_Named]) -> dict[str, Any]:
        found = {"primary_key": key(cls), "nullable": null(cls)}
        return found | {"unique": unique(cls) or None, "index": index(cls) or None}

    def name(cls: type[_Named]) -> str:
        return column_name(cls.authwire_naming, model, field)

    def kind(cls: type[_Named]) -> TypeEngine[Any]:
        return column_type(cls.authwire_naming, model, field)

    return _made(
        lambda cls: mapped_column(name(cls), kind(cls), **options(cls)) if exists(cls) else None
    )


def _stamp(name: str, **options: Any) -> Any:
    """One of Prisma's times. Its client fills them, so we do."""

    def stamped(cls: type[_Named]) -> bool:
        return cls.authwire_naming == "prisma" and cls.authwire_stamps

    return _made(
        lambda cls: (
            mapped_column(name, PrismaMoment(), nullable=False, default=_now, **options)
            if stamped(cls)
            else None
        )
    )


class _Stamped(_Named):
    # Names that no other mixin of the app has: an absent column would hide the other's.
    authwire_created_at: Mapped[datetime] = _stamp("createdAt", server_default=PrismaNow())
    authwire_updated_at: Mapped[datetime] = _stamp("updatedAt", onupdate=_now)


class _Owned(_Named):
    authwire_user_id: ClassVar[str] = ""
    """The column that ``user_id`` refers to: ``table.column``, or ``schema.table.column``. Default:
    that of the naming."""
    authwire_user_id_type: ClassVar[TypeEngine[Any] | None] = None
    """The type of that column. Default: that of the naming."""


def _owner(model: type, *, key: Rule = _never) -> Any:
    def column(cls: type[_Owned]) -> Any:
        naming = cls.authwire_naming
        return mapped_column(
            column_name(naming, model, "user_id"),
            cls.authwire_user_id_type or column_type(naming, model, "user_id"),
            ForeignKey(
                cls.authwire_user_id or f"{TABLES[naming][0]}.id",
                ondelete="CASCADE",
                onupdate="CASCADE" if naming == "prisma" else None,
            ),
            primary_key=key(cls),
            nullable=False,
            index=True,
        )

    return _made(column)


def _row_id() -> Any:
    """A primary key that only other software needs: a number of the database, or a random id."""

    def column(cls: type[_Named]) -> Any:
        default = None if cls.authwire_naming == "pg" else _random_id
        kind = column_type(cls.authwire_naming, User, "id")
        return mapped_column("id", kind, primary_key=True, default=default)

    return _made(lambda cls: column(cls) if _has_row_id(cls) else None)


class UserMixin(_Stamped):
    """`authwire.models.User` as columns. Add your own beside them."""

    id: Mapped[str] = _field(User, "id", key=_always)
    name: Mapped[str | None] = _field(User, "name", null=_always)
    email: Mapped[str | None] = _field(
        User,
        "email",
        null=lambda cls: cls.authwire_naming != "prisma" or cls.authwire_row_ids,
        unique=_always,
        index=_with("pg"),
    )
    email_verified: Mapped[datetime | None] = _field(User, "email_verified", null=_always)
    image: Mapped[str | None] = _field(User, "image", null=_always)


class AccountMixin(_Stamped, _Owned):
    """`authwire.models.Account` as columns."""

    authwire_row_id: Mapped[str] = _row_id()
    user_id: Mapped[str] = _owner(Account)
    type: Mapped[str] = _field(Account, "type")
    provider: Mapped[str] = _field(Account, "provider", key=_has_no_row_id)
    provider_account_id: Mapped[str] = _field(Account, "provider_account_id", key=_has_no_row_id)
    access_token: Mapped[str | None] = _field(Account, "access_token", null=_always)
    refresh_token: Mapped[str | None] = _field(Account, "refresh_token", null=_always)
    id_token: Mapped[str | None] = _field(Account, "id_token", null=_always)
    token_type: Mapped[str | None] = _field(Account, "token_type", null=_always)
    scope: Mapped[str | None] = _field(Account, "scope", null=_always)
    expires_at: Mapped[int | None] = _field(Account, "expires_at", null=_always)
    session_state: Mapped[str | None] = _field(Account, "session_state", null=_always)
    extra: Mapped[dict[str, Any] | None] = _field(
        Account, "extra", null=_always, exists=lambda cls: is_ours(cls.authwire_naming, Account)
    )


@event.listens_for(AccountMixin, "after_mapper_constructed", propagate=True)
def _one_owner(mapper: Any, cls: type[_Named]) -> None:
    """The unique index that a table with another primary key needs: an account has one owner."""
    if _has_row_id(cls):
        table = mapper.local_table
        parts = ("provider", column_name(cls.authwire_naming, Account, "provider_account_id"))
        Index(
            "_".join((table.name, *parts, "key")), *(table.c[part] for part in parts), unique=True
        )


class SessionMixin(_Stamped, _Owned):
    """`authwire.models.AdapterSession` as columns."""

    authwire_row_id: Mapped[str] = _row_id()
    session_token: Mapped[str] = _field(
        AdapterSession,
        "session_token",
        key=_with("snake", "drizzle"),
        unique=_with("pg", "prisma"),
        index=_with("pg"),
    )
    user_id: Mapped[str] = _owner(AdapterSession)
    expires: Mapped[datetime] = _field(AdapterSession, "expires", index=_with("snake"))

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        # Prisma's table has a unique index in place of a primary key.
        return {} if _has_row_id(cls) else {"primary_key": ["session_token"]}


class VerificationTokenMixin(_Named):
    """`authwire.models.VerificationToken` as columns."""

    identifier: Mapped[str] = _field(VerificationToken, "identifier", key=_always)
    token: Mapped[str] = _field(VerificationToken, "token", key=_always, index=_always)
    expires: Mapped[datetime] = _field(VerificationToken, "expires", index=_with("snake"))


class AuthenticatorMixin(_Owned):
    """`authwire.models.Authenticator` as columns."""

    user_id: Mapped[str] = _owner(Authenticator, key=_with("drizzle", "prisma"))
    credential_id: Mapped[str] = _field(
        Authenticator, "credential_id", key=_always, unique=_with("drizzle", "prisma")
    )
    provider_account_id: Mapped[str] = _field(Authenticator, "provider_account_id")
    credential_public_key: Mapped[str] = _field(Authenticator, "credential_public_key")
    counter: Mapped[int] = _field(Authenticator, "counter")
    credential_device_type: Mapped[str] = _field(Authenticator, "credential_device_type")
    credential_backed_up: Mapped[bool] = _field(Authenticator, "credential_backed_up")
    transports: Mapped[str | None] = _field(Authenticator, "transports", null=_always)
    name: Mapped[str | None] = _field(
        Authenticator,
        "name",
        null=_always,
        exists=lambda cls: is_ours(cls.authwire_naming, Authenticator),
    )
