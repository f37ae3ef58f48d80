"""Abstract models, and `Models`, which holds the five classes made from them together.

Tortoise knows no primary keys of several columns, so accounts and verification tokens have a number
of Tortoise's own besides. The adapter never reads it: tables of `SQLAlchemyAdapter`, which lack it,
do as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tortoise import fields
from tortoise.models import MetaInfo, Model

from authwire.adapters._rows import Models as _Models

__all__ = [
    "AbstractAccount",
    "AbstractAuthenticator",
    "AbstractSession",
    "AbstractUser",
    "AbstractVerificationToken",
    "Models",
    "described",
]


class AbstractUser(Model):
    """`authwire.models.User` as fields. Add your own beside them."""

    id = fields.CharField(max_length=255, primary_key=True)
    name = fields.TextField(null=True)
    email = fields.CharField(max_length=320, null=True, unique=True)
    email_verified = fields.DatetimeField(null=True)
    image = fields.TextField(null=True)

    class Meta(Model.Meta):
        """Of Tortoise."""

        abstract = True


class AbstractAccount(Model):
    """`authwire.models.Account` as fields. Add ``user``, a foreign key to your users."""

    id = fields.BigIntField(primary_key=True)
    type = fields.CharField(max_length=32)
    provider = fields.CharField(max_length=100)
    provider_account_id = fields.CharField(max_length=1364)
    access_token = fields.TextField(null=True)
    refresh_token = fields.TextField(null=True)
    id_token = fields.TextField(null=True)
    token_type = fields.TextField(null=True)
    scope = fields.TextField(null=True)
    expires_at = fields.BigIntField(null=True)
    session_state = fields.TextField(null=True)
    extra: fields.Field[Any] = fields.JSONField(null=True)

    class Meta(Model.Meta):
        """Of Tortoise."""

        abstract = True
        unique_together = (("provider", "provider_account_id"),)


class AbstractSession(Model):
    """`authwire.models.AdapterSession` as fields. Add ``user``, a foreign key to your users."""

    session_token = fields.CharField(max_length=255, primary_key=True)
    expires = fields.DatetimeField(db_index=True)

    class Meta(Model.Meta):
        """Of Tortoise."""

        abstract = True


class AbstractVerificationToken(Model):
    """`authwire.models.VerificationToken` as fields."""

    id = fields.BigIntField(primary_key=True)
    identifier = fields.CharField(max_length=320)
    token = fields.CharField(max_length=255, db_index=True)
    expires = fields.DatetimeField(db_index=True)

    class Meta(Model.Meta):
        """Of Tortoise."""

        abstract = True
        unique_together = (("identifier", "token"),)


class AbstractAuthenticator(Model):
    """`authwire.models.Authenticator` as fields. Add ``user``, a foreign key to your users."""

    credential_id = fields.CharField(max_length=1364, primary_key=True)
    provider_account_id = fields.CharField(max_length=1364)
    credential_public_key = fields.TextField()
    counter = fields.BigIntField()
    credential_device_type = fields.CharField(max_length=32)
    credential_backed_up = fields.BooleanField()
    transports = fields.TextField(null=True)
    name = fields.CharField(max_length=255, null=True)

    class Meta(Model.Meta):
        """Of Tortoise."""

        abstract = True


@dataclass(frozen=True, kw_only=True)
class Models(_Models):
    """The five model classes that an adapter works with."""

    @classmethod
    def for_user(cls, user: type[AbstractUser]) -> Models:
        """Your own class of users, and the other four made to go with it.

        They live in its schema. Give each a name in your module of models, so that Tortoise finds it::

            auth = Models.for_user(Member)
            Account, Session, VerificationToken, Authenticator = auth.others
        """
        schema = described(user).schema

        def made(part: str, base: type[Model], table: str, owner: Any = None) -> type[Any]:
            meta: dict[str, Any] = {"table": table, "schema": schema}
            if together := described(base).unique_together:
                meta["unique_together"] = together
            names: dict[str, Any] = {"__module__": user.__module__}
            names["Meta"] = type("Meta", (Model.Meta,), meta)
            if owner is not None:
                names["user"] = owner
            return type(f"{user.__name__}{part}", (base,), names)

        def owner(related_name: str) -> Any:
            return fields.ForeignKeyField(user, related_name=related_name, db_index=True)

        return cls(
            user=user,
            account=made("Account", AbstractAccount, "accounts", owner("accounts")),
            session=made("Session", AbstractSession, "sessions", owner("sessions")),
            verification_token=made(
                "VerificationToken", AbstractVerificationToken, "verification_tokens"
            ),
            authenticator=made(
                "Authenticator", AbstractAuthenticator, "authenticators", owner("authenticators")
            ),
        )

    @property
    def others(self) -> tuple[type[Any], type[Any], type[Any], type[Any]]:
        """All but the users."""
        return self.account, self.session, self.verification_token, self.authenticator


def described(model: type[Model]) -> MetaInfo:
    """What Tortoise knows of a model."""
    return model._meta  # noqa: SLF001  # Tortoise has no public name for it
