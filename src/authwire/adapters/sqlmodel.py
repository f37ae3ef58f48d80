"""SQLModel: `SQLAlchemyAdapter` over tables that are SQLModel classes.

For example::

    class Person(UserBase, table=True):
        __tablename__ = "users"
        role: str = "member"

    adapter = SQLModelAdapter(engine, models=models_for(Person), user=Member)

Importing this module imports SQLModel, but opens no connection.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import cache
from typing import Any, Final

try:
    from sqlmodel import Field, SQLModel
except ModuleNotFoundError as exc:
    raise ImportError("SQLModelAdapter needs SQLModel: pip install 'authwire[sqlmodel]'") from exc

from sqlalchemy import JSON
from sqlalchemy.orm import class_mapper, registry

from authwire.adapters.sqlalchemy import Models, SQLAlchemyAdapter
from authwire.adapters.sqlalchemy.columns import TABLES, column_type
from authwire.adapters.sqlalchemy.transactions import Sessions
from authwire.models import (
    Account,
    AdapterSession,
    Authenticator,
    U,
    User,
    VerificationToken,
)

__all__ = [
    "AccountBase",
    "AuthenticatorBase",
    "Models",
    "SQLModelAdapter",
    "SessionBase",
    "UserBase",
    "VerificationTokenBase",
    "default_models",
    "models_for",
    "owner",
]

_TABLES: Final = TABLES["snake"]


def _new_id() -> str:
    return str(uuid.uuid4())


def _column(model: type, field: str, **options: Any) -> Any:
    """A field with the type that `SQLAlchemyAdapter` gives its column."""
    return Field(sa_type=column_type("snake", model, field), **options)


def owner(column: str) -> Any:
    """The field ``user_id`` of a table of your own.

    Args:
        column: what it refers to: ``table.column``, or ``schema.table.column``.
    """
    return _column(Account, "user_id", foreign_key=column, ondelete="CASCADE", index=True)


class UserBase(SQLModel):
    """`authwire.models.User` as columns. Subclass it with ``table=True`` and add your own."""

    id: str = _column(User, "id", default_factory=_new_id, primary_key=True)
    name: str | None = _column(User, "name", default=None)
    email: str | None = _column(User, "email", default=None, unique=True)
    email_verified: datetime | None = _column(User, "email_verified", default=None)
    image: str | None = _column(User, "image", default=None)


class AccountBase(SQLModel):
    """`authwire.models.Account` as columns. Override ``user_id`` with `owner`."""

    provider: str = _column(Account, "provider", primary_key=True)
    provider_account_id: str = _column(Account, "provider_account_id", primary_key=True)
    user_id: str = _column(Account, "user_id", index=True)
    type: str = _column(Account, "type")
    access_token: str | None = _column(Account, "access_token", default=None, repr=False)
    refresh_token: str | None = _column(Account, "refresh_token", default=None, repr=False)
    id_token: str | None = _column(Account, "id_token", default=None, repr=False)
    token_type: str | None = _column(Account, "token_type", default=None)
    scope: str | None = _column(Account, "scope", default=None)
    expires_at: int | None = _column(Account, "expires_at", default=None)
    session_state: str | None = _column(Account, "session_state", default=None, repr=False)
    extra: dict[str, Any] | None = Field(default=None, sa_type=JSON, repr=False)


class SessionBase(SQLModel):
    """`authwire.models.AdapterSession` as columns. Override ``user_id`` with `owner`."""

    session_token: str = _column(AdapterSession, "session_token", primary_key=True, repr=False)
    user_id: str = _column(AdapterSession, "user_id", index=True)
    expires: datetime = _column(AdapterSession, "expires", index=True)


class VerificationTokenBase(SQLModel):
    """`authwire.models.VerificationToken` as columns."""

    identifier: str = _column(VerificationToken, "identifier", primary_key=True)
    token: str = _column(VerificationToken, "token", primary_key=True, index=True, repr=False)
    expires: datetime = _column(VerificationToken, "expires", index=True)


class AuthenticatorBase(SQLModel):
    """`authwire.models.Authenticator` as columns. Override ``user_id`` with `owner`."""

    credential_id: str = _column(Authenticator, "credential_id", primary_key=True)
    user_id: str = _column(Authenticator, "user_id", index=True)
    provider_account_id: str = _column(Authenticator, "provider_account_id")
    credential_public_key: str = _column(Authenticator, "credential_public_key")
    counter: int = _column(Authenticator, "counter")
    credential_device_type: str = _column(Authenticator, "credential_device_type")
    credential_backed_up: bool = _column(Authenticator, "credential_backed_up")
    transports: str | None = _column(Authenticator, "transports", default=None)
    name: str | None = _column(Authenticator, "name", default=None)


def models_for(user: type[SQLModel]) -> Models:
    """Your own table of users, and the other four made to go with it.

    They take its ``MetaData`` and schema. Call it once for a class: tables cannot be made twice.

    Args:
        user: a subclass of `UserBase` with ``table=True``.
    """
    mapper: Any = class_mapper(user, configure=False)
    table = mapper.local_table
    owned = {"user_id": owner(f"{table.fullname}.{mapper.columns['id'].name}")}
    parts: list[tuple[str, type[SQLModel], dict[str, Any]]] = [
        ("Account", AccountBase, owned),
        ("Session", SessionBase, owned),
        ("VerificationToken", VerificationTokenBase, {}),
        ("Authenticator", AuthenticatorBase, owned),
    ]
    made = [
        _table(
            f"{user.__name__}{part}",
            base,
            mapper.registry,
            {"__tablename__": name, "__table_args__": {"schema": table.schema}},
            fields,
        )
        for (part, base, fields), name in zip(parts, _TABLES[1:], strict=True)
    ]
    return Models(
        user=user,
        account=made[0],
        session=made[1],
        verification_token=made[2],
        authenticator=made[3],
    )


@cache
def default_models() -> Models:
    """The tables used without models of your own. They are not in ``SQLModel.metadata``.

    ``default_models().user.metadata`` is what Alembic asks for.
    """
    return models_for(_table("Default", UserBase, registry(), {"__tablename__": _TABLES[0]}, {}))


def _table(
    name: str,
    base: type[SQLModel],
    where: registry,
    options: dict[str, Any],
    fields: dict[str, Any],
) -> type[SQLModel]:
    """A class with ``table=True``, mapped in the registry ``where``."""
    kind: Any = type(SQLModel)
    root = kind("Base", (SQLModel,), {"__module__": __name__}, registry=where)
    annotations = dict.fromkeys(fields, str)
    body = {"__module__": __name__, "__annotations__": annotations, **options, **fields}
    made: type[SQLModel] = kind(name, (base, root), body, table=True)
    return made


class SQLModelAdapter(SQLAlchemyAdapter[U]):
    """`SQLAlchemyAdapter` over SQLModel classes: the same queries, the same tables.

    Args:
        engine: an engine or a ``sessionmaker``, async or sync.
        models: your own classes; see `models_for`.
        user: your `User` subclass; each of its fields needs a column.

    Raises:
        TypeError: if a field has no column.
    """

    def __init__(
        self, engine: Sessions, *, models: Models | None = None, user: type[U] | None = None
    ) -> None:
        super().__init__(engine, models=models or default_models(), user=user)
