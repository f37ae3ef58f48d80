"""Identity → cookies, and back: two strategies behind one Protocol."""

from __future__ import annotations

from typing import Any, Final

from authwire.core.engine import Engine
from authwire.core.sessions.database import DatabaseSessions
from authwire.core.sessions.jwt import JWTSessions
from authwire.core.sessions.strategy import ReadMode, SessionStrategy

__all__ = ["ReadMode", "SessionStrategy", "sessions_of"]

_STRATEGIES: Final[dict[str, SessionStrategy]] = {
    "jwt": JWTSessions(),
    "database": DatabaseSessions(),
}


def sessions_of(engine: Engine[Any]) -> SessionStrategy:
    """The strategy that the config chose."""
    return _STRATEGIES[engine.strategy]
