"""Abstract models, and `Models`, which holds the five classes made from them together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import peewee

from authwire.adapters._rows import Models as _Models
from authwire.adapters.peewee.fields import (
    AccountIdField,
    CredentialIdField,
    KeyField,
    MomentField,
    ObjectField,
    OwnerField,
)

__all__ = [
    "AbstractAccount",
    "AbstractAuthenticator",
    "AbstractSession",
    "AbstractUser",
    "AbstractVerificationToken",
    "Models",
    "default_models",
    "described",
]


class AbstractUser(peewee.Model):
    """`authwire.models.User` as fields. Add your own beside them."""

    id = KeyField(max_length=255, primary_key=True)
    name = peewee.TextField(null=True)
    email = KeyField(max_length=320, null=True, unique=True)
    email_verified = MomentField(null=True)
    image = peewee.TextField(null=True)


class AbstractAccount(peewee.Model):
    """`authwire.models.Account` as fields. Add ``user``, an `OwnerField`."""

    type = peewee.CharField(max_length=32)
    provider = KeyField(max_length=100)
    provider_account_id = AccountIdField(max_length=1364)
    access_token = peewee.TextField(null=True)
    refresh_token = peewee.TextField(null=True)
    id_token = peewee.TextField(null=True)
    token_type = peewee.TextField(null=True)
    scope = peewee.TextField(null=True)
    expires_at = peewee.BigIntegerField(null=True)
    session_state = peewee.TextField(null=True)
    extra = ObjectField(null=True)

    class Meta:
        """Of Peewee."""

        primary_key = peewee.CompositeKey("provider", "provider_account_id")


class AbstractSession(peewee.Model):
    """`authwire.models.AdapterSession` as fields. Add ``user``, an `OwnerField`."""

    session_token = KeyField(max_length=255, primary_key=True)
    expires = MomentField(index=True)


class AbstractVerificationToken(peewee.Model):
    """`authwire.models.VerificationToken` as fields."""

    identifier = KeyField(max_length=320)
    token = KeyField(max_length=255, index=True)
    expires = MomentField(index=True)

    class Meta:
        """Of Peewee."""

        primary_key = peewee.CompositeKey("identifier", "token")


class AbstractAuthenticator(peewee.Model):
    """`authwire.models.Authenticator` as fields. Add ``user``, an `OwnerField`."""

    credential_id = CredentialIdField(max_length=1364, primary_key=True)
    provider_account_id = CredentialIdField(max_length=1364)
    credential_public_key = peewee.TextField()
    counter = peewee.BigIntegerField()
    credential_device_type = peewee.CharField(max_length=32)
    credential_backed_up = peewee.BooleanField()
    transports = peewee.TextField(null=True)
    name = peewee.CharField(max_length=255, null=True)


@dataclass(frozen=True, kw_only=True)
class Models(_Models):
    """The five model classes that an adapter works with."""

    @classmethod
    def for_user(cls, user: type[Any]) -> Models:
        """Your own class of users, and the other four made to go with it, in its database and schema."""

        def made(part: str, base: type[Any], table: str, *, owned: bool = True) -> type[Any]:
            meta = {"table_name": table, "schema": described(user).schema}
            meta["database"] = described(user).database
            key = described(base).primary_key
            if isinstance(key, peewee.CompositeKey):
                meta["primary_key"] = peewee.CompositeKey(*key.field_names)
            names: dict[str, Any] = {"Meta": type("Meta", (), meta), "__module__": user.__module__}
            if owned:
                names["user"] = OwnerField(
                    user, column_name="user_id", backref=table, on_delete="CASCADE"
                )
            return type(f"{user.__name__}{part}", (base,), names)

        return cls(
            user=user,
            account=made("Account", AbstractAccount, "accounts"),
            session=made("Session", AbstractSession, "sessions"),
            verification_token=made(
                "VerificationToken", AbstractVerificationToken, "verification_tokens", owned=False
            ),
            authenticator=made("Authenticator", AbstractAuthenticator, "authenticators"),
        )


@cache
def default_models() -> Models:
    """The models used without models of your own; they belong to no database."""
    meta = type("Meta", (), {"table_name": "users"})
    return Models.for_user(type("User", (AbstractUser,), {"Meta": meta, "__module__": __name__}))


def described(model: type[Any]) -> Any:
    """What Peewee knows of a model."""
    return model._meta  # noqa: SLF001  # Peewee documents this name
