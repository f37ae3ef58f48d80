"""The models used without models of your own, as a module for ``Tortoise.init``."""

from __future__ import annotations

from typing import Final

from authwire.adapters.tortoise.bases import AbstractUser, Models

__all__ = [
    "MODELS",
    "User",
    "UserAccount",
    "UserAuthenticator",
    "UserSession",
    "UserVerificationToken",
]


class User(AbstractUser):
    """The users' table without columns of your own."""

    class Meta(AbstractUser.Meta):
        """Of Tortoise."""

        abstract = False
        table = "users"


MODELS: Final = Models.for_user(User)
UserAccount, UserSession, UserVerificationToken, UserAuthenticator = MODELS.others
