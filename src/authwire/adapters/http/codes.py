"""Refusals that both sides know: a code on the wire, an exception in Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from authwire.adapters._rules import (
    ACCOUNT_LINKED,
    CREDENTIAL_TAKEN,
    EMAIL_TAKEN,
    NO_SUCH_AUTHENTICATOR,
    NO_SUCH_USER,
    SESSION_TAKEN,
    TOKEN_TAKEN,
    USER_ID_TAKEN,
    taken,
)
from authwire.errors import AdapterError

__all__ = ["MIN_SECRET", "UNKNOWN_FIELD", "code_of", "error_of", "secret_bytes"]

MIN_SECRET: Final = 16
"""Characters. `secrets.token_urlsafe` makes longer ones."""
UNKNOWN_FIELD: Final = "unknown_field"

_CODES: Final[Mapping[str, str]] = {
    "user_id_taken": USER_ID_TAKEN,
    "email_taken": EMAIL_TAKEN,
    "account_linked": ACCOUNT_LINKED,
    "session_taken": SESSION_TAKEN,
    "token_taken": TOKEN_TAKEN,
    "credential_taken": CREDENTIAL_TAKEN,
    "no_such_user": NO_SUCH_USER,
    "no_such_authenticator": NO_SUCH_AUTHENTICATOR,
}
_MISSING: Final = {
    "update_user": "no_such_user",
    "update_authenticator": "no_such_authenticator",
    "update_authenticator_counter": "no_such_authenticator",
}
"""Methods that raise `LookupError` if there is no row, and the code of that."""


def code_of(method: str, error: AdapterError) -> str | None:
    """The code of what ``method`` of a guarded adapter raised; None if it is no refusal."""
    if isinstance(error.__cause__, LookupError):
        return _MISSING.get(method)
    if isinstance(error.__cause__, TypeError) and method in _MISSING:
        return UNKNOWN_FIELD
    return next((code for code, text in _CODES.items() if text == str(error)), None)


def error_of(method: str, code: Any) -> Exception | None:
    """What a method of an adapter raises for ``code``; None if that says nothing."""
    if code == UNKNOWN_FIELD:
        return TypeError(f"the back end cannot keep a field of {method}")
    if not isinstance(code, str) or code not in _CODES:
        return None
    if _MISSING.get(method) == code:
        return LookupError(_CODES[code])
    return taken(_CODES[code])


def secret_bytes(secret: str) -> bytes:
    """``secret`` as it stands in the header.

    Raises:
        ValueError: if it is too short, or has characters that cannot stand there.
    """
    if len(secret) < MIN_SECRET:
        raise ValueError(f"the secret of the bridge needs {MIN_SECRET} characters or more")
    if not all("!" <= letter <= "~" for letter in secret):
        raise ValueError("the secret of the bridge must be ASCII without spaces")
    return secret.encode("ascii")
