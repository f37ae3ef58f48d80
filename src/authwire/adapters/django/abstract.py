"""The tables as abstract models: make your own from them, with more columns.

A ``Meta`` of your own must inherit from theirs, which has the unique keys. Attributes have the Python names of `authwire.models`. Every way in which a row is looked up has an
index. Keys of our own are numbers, because Django puts them into the URLs of its admin: a session
token must not stand there. Unique keys are constraints: for a unique text field, Django makes a
second index on PostgreSQL, which nothing here needs.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings  # type: ignore[import-untyped]  # Django has no types
from django.db import models  # type: ignore[import-untyped]  # as above

from authwire.adapters.django.fields import KeyField

__all__ = [
    "AbstractAccount",
    "AbstractAuthenticator",
    "AbstractSession",
    "AbstractUserDetail",
    "AbstractVerificationToken",
    "AuthwireUserMixin",
    "new_user_id",
]


def new_user_id() -> str:
    """A random UUID, as text."""
    return str(uuid.uuid4())


def _text() -> Any:
    """Text that may be missing: NULL, as an empty text is something else."""
    return models.TextField(null=True, blank=True)


def _owner(name: str) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name=f"%(app_label)s_{name}"
    )


class AuthwireUserMixin(models.Model):  # type: ignore[misc]  # as above
    """`authwire.models.User` as columns, for a user model of your own. Put it first.

    For example::

        class Member(AuthwireUserMixin, AbstractUser): ...
    """

    id = KeyField(primary_key=True, max_length=255, default=new_user_id, editable=False)
    name = _text()
    # 254: longer addresses cannot be mailed to (RFC 5321 §4.5.3.1.3).
    email = KeyField(max_length=254, unique=True, null=True, blank=True)
    email_verified = models.DateTimeField(null=True, blank=True)
    image = _text()

    class Meta:  # noqa: D106  # Django's options
        abstract = True


class AbstractUserDetail(models.Model):  # type: ignore[misc]  # as above
    """What a user model without our columns cannot hold.

    ``email`` claims an address for its user: it is unique, also where that of the user model is
    not. It counts only as long as the user has that very address.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="%(app_label)s_detail",
    )
    name = _text()
    email = KeyField(max_length=254, null=True, blank=True)
    email_verified = models.DateTimeField(null=True, blank=True)
    image = _text()

    class Meta:  # noqa: D106  # Django's options
        abstract = True
        constraints = (
            models.UniqueConstraint(fields=["email"], name="%(app_label)s_%(class)s_key"),
        )

    def __str__(self) -> str:
        return f"detail of user {self.pk}"


class AbstractAccount(models.Model):  # type: ignore[misc]  # as above
    """`authwire.models.Account` as columns."""

    user = _owner("accounts")
    type = models.CharField(max_length=32)
    provider = KeyField(max_length=100)
    # A passkey's account id is its credential id.
    provider_account_id = KeyField(max_length=1364, mysql_length=640)
    access_token = _text()
    refresh_token = _text()
    id_token = _text()
    token_type = _text()
    scope = _text()
    expires_at = models.BigIntegerField(null=True, blank=True)
    session_state = _text()
    extra = models.JSONField(default=dict, blank=True)

    class Meta:  # noqa: D106  # Django's options
        abstract = True
        constraints = (
            models.UniqueConstraint(
                fields=["provider", "provider_account_id"], name="%(app_label)s_%(class)s_key"
            ),
        )

    def __str__(self) -> str:
        return f"{self.provider} account {self.pk}"


class AbstractSession(models.Model):  # type: ignore[misc]  # as above
    """`authwire.models.AdapterSession` as columns."""

    session_token = KeyField(max_length=255)
    user = _owner("sessions")
    expires = models.DateTimeField(db_index=True)

    class Meta:  # noqa: D106  # Django's options
        abstract = True
        constraints = (
            models.UniqueConstraint(fields=["session_token"], name="%(app_label)s_%(class)s_key"),
        )

    def __str__(self) -> str:
        return f"session {self.pk}"


class AbstractVerificationToken(models.Model):  # type: ignore[misc]  # as above
    """`authwire.models.VerificationToken` as columns."""

    identifier = KeyField(max_length=320)
    token = KeyField(max_length=255)
    expires = models.DateTimeField(db_index=True)

    class Meta:  # noqa: D106  # Django's options
        abstract = True
        constraints = (
            # The token first, so that it is found without the identifier too.
            models.UniqueConstraint(
                fields=["token", "identifier"], name="%(app_label)s_%(class)s_key"
            ),
        )

    def __str__(self) -> str:
        return f"verification token {self.pk}"


class AbstractAuthenticator(models.Model):  # type: ignore[misc]  # as above
    """`authwire.models.Authenticator` as columns."""

    user = _owner("authenticators")
    # A credential id has up to 1023 bytes, so 1364 characters of base64.
    credential_id = KeyField(max_length=1364, ascii_only=True)
    provider_account_id = KeyField(max_length=1364, ascii_only=True)
    credential_public_key = models.TextField()
    counter = models.BigIntegerField()
    credential_device_type = models.CharField(max_length=32)
    credential_backed_up = models.BooleanField()
    transports = _text()
    name = _text()

    class Meta:  # noqa: D106  # Django's options
        abstract = True
        constraints = (
            models.UniqueConstraint(fields=["credential_id"], name="%(app_label)s_%(class)s_key"),
        )

    def __str__(self) -> str:
        return f"passkey {self.pk}"
