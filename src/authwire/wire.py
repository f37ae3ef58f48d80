"""Python field ↔ name on the wire and in Auth.js' tables.

Never converted by rule: an Account mixes ``providerAccountId`` with ``access_token``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Final

from authwire.models import (
    Account,
    AdapterSession,
    Authenticator,
    TokenSet,
    User,
    VerificationToken,
)

__all__ = ["COOKIE_KEYS", "WIRE_NAMES", "iso", "to_wire", "wire_name"]

WIRE_NAMES: Final[Mapping[type, Mapping[str, str]]] = {
    User: {"email_verified": "emailVerified"},
    Account: {"user_id": "userId", "provider_account_id": "providerAccountId"},
    TokenSet: {},
    AdapterSession: {"session_token": "sessionToken", "user_id": "userId"},
    VerificationToken: {},
    Authenticator: {
        "credential_id": "credentialID",
        "user_id": "userId",
        "provider_account_id": "providerAccountId",
        "credential_public_key": "credentialPublicKey",
        "credential_device_type": "credentialDeviceType",
        "credential_backed_up": "credentialBackedUp",
    },
}
"""Fields whose wire name differs from the Python one, by model."""

COOKIE_KEYS: Final[Mapping[str, str]] = {
    "session_token": "sessionToken",
    "callback_url": "callbackUrl",
    "csrf_token": "csrfToken",
    "pkce_code_verifier": "pkceCodeVerifier",
    "state": "state",
    "nonce": "nonce",
    "webauthn_challenge": "webauthnChallenge",
}
"""Our cookie keys and Auth.js'."""


def wire_name(model: type, field: str) -> str:
    """The wire name of ``model``'s field; fields that a subclass adds keep their own name."""
    for base in model.__mro__:
        table = WIRE_NAMES.get(base)
        if table is not None:
            return table.get(field, field)
    raise TypeError(f"{model.__name__} is no model of Authwire")


def iso(moment: datetime) -> str:
    """ISO 8601 as JavaScript's ``toISOString`` writes it: UTC, milliseconds, ``Z``."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return f"{utc.isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"


def to_wire(value: Any) -> dict[str, Any]:
    """A model as JSON with Auth.js' names. None is left out, ``extra`` is merged in."""
    out: dict[str, Any] = {}
    for item in fields(value):
        field_value = getattr(value, item.name)
        if item.name == "extra":
            out.update(field_value)
        elif isinstance(field_value, datetime):
            out[wire_name(type(value), item.name)] = iso(field_value)
        elif field_value is not None:
            out[wire_name(type(value), item.name)] = field_value
    return out
