"""Piccolo ORM.

For example::

    adapter = PiccoloAdapter(SQLiteEngine("app.db"))

Without an engine it takes the one of your ``piccolo_conf``. Importing this package imports Piccolo,
but opens no connection.
"""

from __future__ import annotations

try:
    import piccolo as _piccolo
except ModuleNotFoundError as exc:
    raise ImportError("PiccoloAdapter needs Piccolo: pip install 'authwire[piccolo]'") from exc

from authwire.adapters.piccolo.adapter import PiccoloAdapter
from authwire.adapters.piccolo.mixins import (
    AccountMixin,
    AuthenticatorMixin,
    Models,
    SessionMixin,
    UserMixin,
    VerificationTokenMixin,
)

__all__ = [
    "AccountMixin",
    "AuthenticatorMixin",
    "Models",
    "PiccoloAdapter",
    "SessionMixin",
    "UserMixin",
    "VerificationTokenMixin",
]

del _piccolo
