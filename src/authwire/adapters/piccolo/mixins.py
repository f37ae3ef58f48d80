"""The columns: a mixin for each table, and `Models`, which holds the five tables together.

Piccolo knows no primary keys of several columns, so all tables but the users' have a number of
Piccolo's own besides. The adapter never reads it: tables of `SQLAlchemyAdapter`, which lack it, do
as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import new_class
from typing import Any

from piccolo.columns import JSON, BigInt, Boolean, ForeignKey, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.engine.base import Engine
from piccolo.table import Table, TableMeta

from authwire.adapters._rows import Models as _Models

__all__ = [
    "AccountMixin",
    "AuthenticatorMixin",
    "Models",
    "SessionMixin",
    "UserMixin",
    "VerificationTokenMixin",
    "described",
    "made_for",
]


class UserMixin:
    """`authwire.models.User` as columns. Add your own beside them."""

    id = Varchar(length=255, primary_key=True, default=None)
    name = Text(null=True, default=None)
    email = Varchar(length=320, null=True, default=None, unique=True)
    email_verified = Timestamptz(null=True, default=None)
    image = Text(null=True, default=None)


class AccountMixin:
    """`authwire.models.Account` as columns. Add ``user_id``, a foreign key to your users."""

    type = Varchar(length=32, default=None)
    provider = Varchar(length=100, default=None)
    provider_account_id = Varchar(length=1364, default=None)
    access_token = Text(null=True, default=None, secret=True)
    refresh_token = Text(null=True, default=None, secret=True)
    id_token = Text(null=True, default=None, secret=True)
    token_type = Text(null=True, default=None)
    scope = Text(null=True, default=None)
    expires_at = BigInt(null=True, default=None)
    session_state = Text(null=True, default=None, secret=True)
    extra = JSON(null=True, default=None)
    unique_account = Unique(["provider", "provider_account_id"])


class SessionMixin:
    """`authwire.models.AdapterSession` as columns. Add ``user_id``, a foreign key to your users."""

    session_token = Varchar(length=255, default=None, unique=True, secret=True)
    expires = Timestamptz(default=None, index=True)


class VerificationTokenMixin:
    """`authwire.models.VerificationToken` as columns."""

    identifier = Varchar(length=320, default=None)
    token = Varchar(length=255, default=None, index=True, secret=True)
    expires = Timestamptz(default=None, index=True)
    unique_token = Unique(["identifier", "token"])


class AuthenticatorMixin:
    """`authwire.models.Authenticator` as columns. Add ``user_id``, a foreign key to your users."""

    credential_id = Varchar(length=1364, default=None, unique=True)
    provider_account_id = Varchar(length=1364, default=None)
    credential_public_key = Text(default=None)
    counter = BigInt(default=None)
    credential_device_type = Varchar(length=32, default=None)
    credential_backed_up = Boolean(default=False)
    transports = Text(null=True, default=None)
    name = Varchar(length=255, null=True, default=None)


@dataclass(frozen=True, kw_only=True)
class Models(_Models):
    """The five tables that an adapter works with."""

    @classmethod
    def for_user(cls, user: type[Table]) -> Models:
        """Your own table of users, and the other four made to go with it, in its schema.

        Piccolo finds a table for its migrations by a name in your module::

            auth = Models.for_user(Member)
            Accounts, Sessions, VerificationTokens, Authenticators = auth.others
        """
        meta = described(user)
        where = {"db": meta._db, "schema": meta.schema}  # noqa: SLF001  # `meta.db` would import piccolo_conf

        def made(part: str, mixin: type[Any], table: str, *, owned: bool = True) -> type[Table]:
            def fill(names: dict[str, Any]) -> None:
                names["__module__"] = user.__module__
                if owned:
                    names["user_id"] = ForeignKey(
                        references=user, null=False, default=None, index=True
                    )

            keywords = {"tablename": table, **where}
            return new_class(f"{user.__name__}{part}", (mixin, Table), keywords, fill)

        return cls(
            user=user,
            account=made("Accounts", AccountMixin, "accounts"),
            session=made("Sessions", SessionMixin, "sessions"),
            verification_token=made(
                "VerificationTokens", VerificationTokenMixin, "verification_tokens", owned=False
            ),
            authenticator=made("Authenticators", AuthenticatorMixin, "authenticators"),
        )

    @property
    def others(self) -> tuple[type[Any], type[Any], type[Any], type[Any]]:
        """All but the users."""
        return self.account, self.session, self.verification_token, self.authenticator


def made_for(engine: Engine[Any] | None) -> Models:
    """Tables without columns of your own. Without an engine they use that of ``piccolo_conf``."""
    keywords: dict[str, Any] = {"tablename": "users", "db": engine}
    return Models.for_user(new_class("AuthUsers", (UserMixin, Table), keywords))


def described(table: type[Table]) -> TableMeta:
    """What Piccolo knows of a table."""
    return table._meta  # noqa: SLF001  # Piccolo has no public name for it
