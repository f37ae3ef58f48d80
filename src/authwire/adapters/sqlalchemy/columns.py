"""What the columns are called and which types they have, for each naming.

``snake`` is our own. The others are the tables of Auth.js' adapters:

- ``drizzle``: the default schemas of ``@auth/drizzle-adapter`` for PostgreSQL, MySQL and SQLite.
- ``pg``: the tables of ``@auth/pg-adapter``, which ``@auth/neon-adapter`` shares. Users have numbers.
- ``prisma``: the schema that the page of ``@auth/prisma-adapter`` gives for PostgreSQL, and what
  Prisma makes of the same models on MySQL and SQLite.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from sqlalchemy import JSON, BigInteger, Boolean, String, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

from authwire.adapters.sqlalchemy.types import (
    MYSQL,
    DrizzleFlag,
    DrizzleMoment,
    Int32,
    NumberedId,
    PrismaMoment,
    UtcDateTime,
)
from authwire.models import Authenticator
from authwire.wire import wire_name

__all__ = [
    "TABLES",
    "Naming",
    "column_name",
    "column_type",
    "is_ours",
]

Naming = Literal["snake", "drizzle", "pg", "prisma"]

TABLES: Final[dict[Naming, tuple[str, str, str, str, str]]] = {
    "snake": ("users", "accounts", "sessions", "verification_tokens", "authenticators"),
    "drizzle": ("user", "account", "session", "verificationToken", "authenticator"),
    # Auth.js has no passkeys there, so the last one is a table of our own.
    "pg": ("users", "accounts", "sessions", "verification_token", "authenticators"),
    "prisma": ("User", "Account", "Session", "VerificationToken", "Authenticator"),
}


def _key(length: int, *, on_mysql: int | None = None, ascii_only: bool = False) -> String:
    """A string that is compared byte for byte.

    MySQL takes ``é`` for ``e`` by default, which would hand over accounts, and limits a key to
    3072 bytes, four for each character unless it is ASCII.
    """
    return String(length).with_variant(
        _mysql_key(on_mysql or length, ascii_only=ascii_only), *MYSQL
    )


def _mysql_key(length: int, *, ascii_only: bool = False) -> mysql.VARCHAR:
    charset = "ascii" if ascii_only else "utf8mb4"
    return mysql.VARCHAR(length, charset=charset, collation=f"{charset}_bin")


# A WebAuthn credential id has up to 1023 bytes, so 1364 characters of base64.
CREDENTIAL_ID: Final = _key(1364, ascii_only=True)
_TEXTS: Final = (
    *("name", "image", "access_token", "refresh_token", "id_token", "token_type", "scope"),
    *("session_state", "credential_public_key", "transports"),
)
_SNAKE: Final[dict[str, TypeEngine[Any]]] = {
    **dict.fromkeys(("id", "user_id", "session_token", "token"), _key(255)),
    **dict.fromkeys(("email", "identifier"), _key(320)),
    **dict.fromkeys(("type", "credential_device_type"), String(32)),
    **dict.fromkeys(("expires", "email_verified"), UtcDateTime()),
    **dict.fromkeys(("expires_at", "counter"), BigInteger()),
    **dict.fromkeys(_TEXTS, Text()),
    "provider": _key(100),
    "provider_account_id": _key(1364, on_mysql=640),
    "credential_id": CREDENTIAL_ID,
    "credential_backed_up": Boolean(),
    "extra": JSON(),
}
_KEYS: Final = (
    *("id", "user_id", "email", "session_token", "identifier", "token"),
    *("provider", "provider_account_id", "credential_id"),
)


def is_ours(naming: Naming, model: type) -> bool:
    """Whether the table is our own, and not one of Auth.js."""
    return naming == "snake" or (naming == "pg" and model is Authenticator)


def column_name(naming: Naming, model: type, field: str) -> str:
    """The column of a field."""
    return field if is_ours(naming, model) else wire_name(model, field)


def column_type(naming: Naming, model: type, field: str) -> TypeEngine[Any]:
    """The type of a field's column."""
    if naming == "pg" and field in ("id", "user_id"):
        return NumberedId()
    if is_ours(naming, model):
        return _snake(model, field)
    return {"drizzle": _drizzle, "pg": _pg, "prisma": _prisma}[naming](field)


def _snake(model: type, field: str) -> TypeEngine[Any]:
    if model is Authenticator and field in ("name", "provider_account_id"):
        return String(255) if field == "name" else CREDENTIAL_ID
    return _SNAKE[field]


def _drizzle(field: str) -> TypeEngine[Any]:
    match field:
        case "expires" | "email_verified":
            return DrizzleMoment(digits=3 if field == "email_verified" else 0)
        case "expires_at" | "counter":
            return Int32()
        case "credential_backed_up":
            return DrizzleFlag()
    if field in _KEYS:
        return Text().with_variant(_mysql_key(255), *MYSQL)
    return Text().with_variant(mysql.VARCHAR(2048 if field == "id_token" else 255), *MYSQL)


def _pg(field: str) -> TypeEngine[Any]:
    match field:
        case "expires" | "email_verified":
            return UtcDateTime()
        case "expires_at":
            return BigInteger()
        case "name" | "type":
            return String(255)
        case "identifier" | "token":
            return Text().with_variant(_mysql_key(255), *MYSQL)
    return _key(255) if field in _KEYS else Text()


def _prisma(field: str) -> TypeEngine[Any]:
    match field:
        case "expires" | "email_verified":
            return PrismaMoment()
        case "expires_at" | "counter":
            return Int32()
        case "credential_backed_up":
            return Boolean()
        case "access_token" | "refresh_token" | "id_token":
            return Text()
    if field in _KEYS:
        return Text().with_variant(_mysql_key(191), *MYSQL)
    return Text().with_variant(mysql.VARCHAR(191), *MYSQL)
