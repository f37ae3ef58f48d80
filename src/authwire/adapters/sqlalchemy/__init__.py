"""SQLAlchemy 2, with async and sync engines.

For example::

    adapter = SQLAlchemyAdapter(create_async_engine("sqlite+aiosqlite:///app.db"))

Importing this package imports SQLAlchemy, but opens no connection.
"""

from __future__ import annotations

try:
    import sqlalchemy as _sqlalchemy
except ModuleNotFoundError as exc:
    raise ImportError(
        "SQLAlchemyAdapter needs SQLAlchemy: pip install 'authwire[sqlalchemy]'"
    ) from exc

from authwire.adapters.sqlalchemy.adapter import SQLAlchemyAdapter
from authwire.adapters.sqlalchemy.models import (
    AccountMixin,
    AuthenticatorMixin,
    Models,
    Naming,
    SessionMixin,
    UserMixin,
    UtcDateTime,
    VerificationTokenMixin,
    default_models,
)

__all__ = [
    "AccountMixin",
    "AuthenticatorMixin",
    "Models",
    "Naming",
    "SQLAlchemyAdapter",
    "SessionMixin",
    "UserMixin",
    "UtcDateTime",
    "VerificationTokenMixin",
    "default_models",
]

del _sqlalchemy
