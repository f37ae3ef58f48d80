"""Peewee, with its sync and async databases.

For example::

    adapter = PeeweeAdapter(SqliteDatabase("app.db", pragmas={"foreign_keys": 1}))

Importing this package imports Peewee, but opens no connection.
"""

from __future__ import annotations

try:
    import peewee as _peewee
except ModuleNotFoundError as exc:
    raise ImportError("PeeweeAdapter needs Peewee: pip install 'authwire[peewee]'") from exc

from authwire.adapters.peewee.adapter import PeeweeAdapter
from authwire.adapters.peewee.bases import (
    AbstractAccount,
    AbstractAuthenticator,
    AbstractSession,
    AbstractUser,
    AbstractVerificationToken,
    Models,
    default_models,
)
from authwire.adapters.peewee.fields import OwnerField

__all__ = [
    "AbstractAccount",
    "AbstractAuthenticator",
    "AbstractSession",
    "AbstractUser",
    "AbstractVerificationToken",
    "Models",
    "OwnerField",
    "PeeweeAdapter",
    "default_models",
]

del _peewee
