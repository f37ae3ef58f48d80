"""The tables of the app ``authwire``. Their owner is the project's ``AUTH_USER_MODEL``."""

from __future__ import annotations

from authwire.adapters.django.abstract import (
    AbstractAccount,
    AbstractAuthenticator,
    AbstractSession,
    AbstractUserDetail,
    AbstractVerificationToken,
)

__all__ = ["Account", "Authenticator", "Session", "UserDetail", "VerificationToken"]


class UserDetail(AbstractUserDetail):
    pass


class Account(AbstractAccount):
    pass


class Session(AbstractSession):
    pass


class VerificationToken(AbstractVerificationToken):
    pass


class Authenticator(AbstractAuthenticator):
    pass
