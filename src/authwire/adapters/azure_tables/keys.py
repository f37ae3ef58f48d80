"""Where entities lie. Values go into keys as hashes: a key is short and may not hold every character.

The partition of a user holds the user and all that is theirs, so a transaction can span it. Rows that
are looked up by another value have a claim: an entity of that value's own partition that holds the id
of the user.
"""

from __future__ import annotations

import hashlib
import json
from typing import Final

__all__ = [
    "ACCOUNT",
    "CLAIM",
    "EMAIL",
    "PASSKEY",
    "SESSION",
    "TOKEN",
    "USER",
    "digest",
    "home",
    "key",
]

ACCOUNT: Final = "account"
EMAIL: Final = "email"
PASSKEY: Final = "passkey"
SESSION: Final = "session"
TOKEN: Final = "token"
CLAIM: Final = "claim"
"""The row key of every claim."""
USER: Final = "user"
"""The row key of the user in their partition."""


def digest(*values: str) -> str:
    """SHA-256 of the values as JSON, in hexadecimal digits."""
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def home(user_id: str) -> str:
    """The partition of a user."""
    return f"user-{digest(user_id)}"


def key(kind: str, *values: str) -> str:
    """The partition of a claim, which is the row key of what it leads to, too."""
    return f"{kind}-{digest(*values)}"
