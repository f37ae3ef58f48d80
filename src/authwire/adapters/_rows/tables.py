"""The five tables, from the classes of an ORM."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, Generic, TypeVar, cast

from authwire.adapters._rows.sql import Column, Dialect, Rows
from authwire.models import (
    Account,
    AdapterSession,
    Authenticator,
    U,
    User,
    VerificationToken,
)

__all__ = ["Models", "Tables", "make_tables"]

V = TypeVar("V")

_OWN: Final[dict[type[Any], list[str]]] = {
    kind: [item.name for item in fields(kind)]
    for kind in (User, Account, AdapterSession, VerificationToken, Authenticator)
}
_OPTIONAL: Final[dict[type[Any], str]] = {Account: "extra", Authenticator: "name"}
"""A field that needs no column. It has its default then."""


@dataclass(frozen=True, kw_only=True)
class Models:
    """The five classes of an ORM that an adapter works with."""

    user: type[Any]
    account: type[Any]
    session: type[Any]
    verification_token: type[Any]
    authenticator: type[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables(Generic[U]):
    """The rows of the five tables."""

    user: Rows[U]
    account: Rows[Account]
    session: Rows[AdapterSession]
    verification_token: Rows[VerificationToken]
    authenticator: Rows[Authenticator]

    def all(self) -> list[Rows[Any]]:
        """Each table behind those that it refers to."""
        owned: list[Rows[Any]] = [self.account, self.session, self.authenticator]
        return [self.user, *owned, self.verification_token]


def make_tables(
    user: type[U] | None,
    models: Models,
    dialect: Dialect,
    named: Callable[[type[Any]], tuple[str | None, str]],
    column: Callable[[type[Any], str], Column | None],
) -> Tables[U]:
    """The tables of ``models``.

    ``named`` says the schema and name of a class' table, ``column`` its
    column for a field, if it has one.

    Raises:
        TypeError: if a field has no column.
    """

    def rows(
        kind: type[V],
        model: type[Any],
        key: tuple[str, ...],
        *,
        unique: Sequence[tuple[str, ...]] = (),
        lookups: Sequence[str] = (),
    ) -> Rows[V]:
        columns = {}
        for item in fields(cast("type[Any]", kind)):
            found = column(model, item.name)
            if found is not None:
                columns[item.name] = found
            elif item.name != _OPTIONAL.get(kind):
                raise TypeError(
                    f"{model.__name__} has no column for {kind.__name__}.{item.name}: add one to a"
                    " class of your own and pass models=Models.for_user(...)"
                )
        own = _OWN.get(kind, _OWN[User])
        return Rows(
            kind,
            dialect,
            model,
            named(model),
            columns,
            own=own,
            key=key,
            unique=unique,
            lookups=lookups,
        )

    owned = ("user_id",)
    return Tables(
        user=rows(cast("type[U]", user or User), models.user, ("id",), unique=[("email",)]),
        account=rows(Account, models.account, ("provider", "provider_account_id"), lookups=owned),
        session=rows(
            AdapterSession, models.session, ("session_token",), lookups=(*owned, "expires")
        ),
        verification_token=rows(
            VerificationToken,
            models.verification_token,
            ("identifier", "token"),
            lookups=("token", "expires"),
        ),
        authenticator=rows(Authenticator, models.authenticator, ("credential_id",), lookups=owned),
    )
