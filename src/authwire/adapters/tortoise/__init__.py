"""Tortoise ORM.

For example::

    await Tortoise.init(
        db_url="sqlite://app.db",
        modules={"authwire": ["authwire.adapters.tortoise.models"]},
    )
    adapter = TortoiseAdapter()

Importing this package imports Tortoise, but opens no connection.
"""

from __future__ import annotations

try:
    import tortoise as _tortoise
except ModuleNotFoundError as exc:
    raise ImportError("TortoiseAdapter needs Tortoise: pip install 'authwire[tortoise]'") from exc

from authwire.adapters.tortoise.adapter import TortoiseAdapter
from authwire.adapters.tortoise.bases import (
    AbstractAccount,
    AbstractAuthenticator,
    AbstractSession,
    AbstractUser,
    AbstractVerificationToken,
    Models,
)

__all__ = [
    "AbstractAccount",
    "AbstractAuthenticator",
    "AbstractSession",
    "AbstractUser",
    "AbstractVerificationToken",
    "Models",
    "TortoiseAdapter",
]

del _tortoise
