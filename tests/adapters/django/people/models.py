"""User models as projects have them, and tables of ours that belong to them."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from authwire.adapters.django.abstract import (
    AbstractAccount,
    AbstractAuthenticator,
    AbstractSession,
    AbstractUserDetail,
    AuthwireUserMixin,
)


def owned(base: type[Any], owner: str) -> type[Any]:
    """A model of ours that belongs to another user model than ``AUTH_USER_MODEL``."""
    part = base.__name__.removeprefix("Abstract")
    field: Any = models.ForeignKey
    options: dict[str, Any] = {}
    if base is AbstractUserDetail:
        field, options = models.OneToOneField, {"primary_key": True, "related_name": "kept_apart"}
    user = field(owner, on_delete=models.CASCADE, **options)
    return type(f"{owner}{part}", (base,), {"__module__": __name__, "user": user})


class Person(AuthwireUserMixin, AbstractBaseUser):
    """Has all of our columns, and two more."""

    role = models.CharField(max_length=20, default="member")
    is_active = models.BooleanField(default=True)
    USERNAME_FIELD = "email"


class Caller(AbstractBaseUser):
    """Has none of them: people are known by their number."""

    phone = models.CharField(max_length=40, unique=True)
    USERNAME_FIELD = "phone"


class Reader(AbstractBaseUser):
    """Has an address that must be there, and a name under another name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=100, blank=True)
    USERNAME_FIELD = "email"


PersonAccount = owned(AbstractAccount, "Person")
PersonSession = owned(AbstractSession, "Person")
PersonAuthenticator = owned(AbstractAuthenticator, "Person")

CallerAccount = owned(AbstractAccount, "Caller")
CallerSession = owned(AbstractSession, "Caller")
CallerAuthenticator = owned(AbstractAuthenticator, "Caller")
CallerUserDetail = owned(AbstractUserDetail, "Caller")

ReaderAccount = owned(AbstractAccount, "Reader")
ReaderSession = owned(AbstractSession, "Reader")
ReaderAuthenticator = owned(AbstractAuthenticator, "Reader")
ReaderUserDetail = owned(AbstractUserDetail, "Reader")
