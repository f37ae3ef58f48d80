"""What every adapter says and refuses in the same words."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from authwire.errors import AdapterError
from authwire.models import Account, U

__all__ = [
    "ACCOUNT_LINKED",
    "CREDENTIAL_TAKEN",
    "EMAIL_TAKEN",
    "NO_SUCH_AUTHENTICATOR",
    "NO_SUCH_USER",
    "SESSION_TAKEN",
    "TOKEN_TAKEN",
    "USER_ID_TAKEN",
    "account_changes",
    "keep_id",
    "taken",
    "with_id",
]

USER_ID_TAKEN: Final = "the user id is already taken"
EMAIL_TAKEN: Final = "the e-mail is already taken"
ACCOUNT_LINKED: Final = "the account is already linked"
SESSION_TAKEN: Final = "the session token is already taken"
TOKEN_TAKEN: Final = "the verification token is already taken"
CREDENTIAL_TAKEN: Final = "the credential id is already taken"
NO_SUCH_USER: Final = "no such user"
NO_SUCH_AUTHENTICATOR: Final = "no such authenticator"


def taken(message: str) -> AdapterError:
    """The refusal of a row. It tells no values: they are addresses and tokens."""
    return AdapterError(message)


def with_id(user: U) -> U:
    """``user`` with a new random id if it has none."""
    return user if user.id else replace(user, id=str(uuid.uuid4()))


def keep_id(changes: Mapping[str, Any], field: str, current: str) -> None:
    """Refuse to change the key of a row.

    Raises:
        ValueError: if ``changes`` has another ``field``.
    """
    if changes.get(field, current) != current:
        what = "a user's id" if field == "id" else "a passkey's id"
        raise ValueError(f"{what} cannot change")


def account_changes(new: Account, old: Account) -> Account:
    """``new``, but with the owner and the type of ``old``, which an update never touches."""
    return replace(new, user_id=old.user_id, type=old.type)
