"""Running a query in a transaction of its own, with engines of either colour."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any, Final, Literal, TypeVar

import anyio
from sqlalchemy import ColumnElement, Connection, Engine, select
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool

from authwire.adapters._rules import taken as refused

__all__ = ["Sessions", "Transactions"]

T = TypeVar("T")
Sessions = Engine | AsyncEngine | sessionmaker[Any] | async_sessionmaker[Any]

_Makers = sessionmaker[Session] | async_sessionmaker[AsyncSession]

_ATTEMPTS: Final = 5
_CONFLICTS: Final = frozenset({"40001", "40P01"})
"""SQLSTATE of a transaction undone for the sake of another: PostgreSQL, appendix A, class 40."""
_DEADLOCK: Final = 1213
"""MySQL and MariaDB, ER_LOCK_DEADLOCK: the whole transaction was undone."""


class Transactions:
    """Opens a session for each query and commits it.

    Args:
        engine: an engine or a ``sessionmaker``, async or sync.

    Raises:
        TypeError: if it is something else.
    """

    def __init__(self, engine: Sessions) -> None:
        self._sessions = _sessions(engine)
        self._readers = _readers(self._sessions)
        bind = self._sessions.kw.get("bind")
        # One connection for all: transactions of different callers would run into one another.
        shared = isinstance(bind, Connection | AsyncConnection) or isinstance(
            getattr(bind, "pool", None), StaticPool
        )
        self._turn = threading.Lock() if shared else nullcontext()
        self._async_turn = anyio.Lock() if shared else nullcontext()

    @property
    def io(self) -> Literal["async", "blocking"]:
        """Whether `run` waits in an event loop or blocks the thread."""
        return "async" if isinstance(self._sessions, async_sessionmaker) else "blocking"

    @property
    def engine(self) -> Engine | AsyncEngine | None:
        """The engine; None if the sessionmaker has none of its own."""
        bind = self._sessions.kw.get("bind")
        return bind if isinstance(bind, Engine | AsyncEngine) else None

    async def run(self, query: Callable[[Session], T]) -> T:
        """Run ``query``; again if the database undid it because of another transaction.

        Errors don't tell the values, which are secret.
        """
        for _ in range(_ATTEMPTS - 1):
            try:
                return await self._once(self._sessions, query)
            except DBAPIError as exc:
                if not _undone(exc):
                    raise
        return await self._once(self._sessions, query)

    async def read(self, query: Callable[[Session], T]) -> T:
        """Run a ``query`` that is a single SELECT, without a transaction where that spares messages."""
        return await self._once(self._readers, query)

    async def guarded(
        self, query: Callable[[Session], T], reasons: Mapping[str, ColumnElement[bool]]
    ) -> T:
        """Run ``query``; if a constraint stops it, say which of ``reasons`` holds.

        Raises:
            AdapterError: if a constraint refused the row. Its message has no values.
        """
        try:
            return await self.run(query)
        except IntegrityError as exc:
            kind = type(exc.orig).__name__

        def blamed(db: Session) -> str | None:
            hits = (text for text, holds in reasons.items() if db.scalar(select(holds)))
            return next(hits, None)

        # Outside of the except clause, as the driver's own text quotes the values.
        message = await self.run(blamed)
        raise refused(message or f"a constraint of the database refused the row ({kind})")

    async def _once(self, sessions: _Makers, query: Callable[[Session], T]) -> T:
        try:
            if isinstance(sessions, async_sessionmaker):
                async with self._async_turn, sessions.begin() as session:
                    return await session.run_sync(query)
            with self._turn, sessions.begin() as session:
                return query(session)
        except StatementError as exc:
            exc.hide_parameters = True
            raise


def _undone(exc: DBAPIError) -> bool:
    cause: Any = exc.orig
    # psycopg2 says pgcode, all others for PostgreSQL say sqlstate.
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    return state in _CONFLICTS or cause.args[:1] == (_DEADLOCK,)


def _sessions(engine: Sessions) -> _Makers:
    match engine:
        case AsyncEngine():
            return async_sessionmaker(engine)
        case Engine():
            return sessionmaker(engine)
        case sessionmaker() | async_sessionmaker():
            return engine
    raise TypeError(
        f"expected an engine or a sessionmaker of SQLAlchemy, not {type(engine).__name__}"
    )


def _readers(sessions: _Makers) -> _Makers:
    """``sessions`` without transactions, for single reads.

    On PostgreSQL a read is then one exchange of messages instead of three. The drivers for MySQL would
    need two more to switch, so they stay as they are.
    """
    bind = sessions.kw.get("bind")
    if not isinstance(bind, Engine | AsyncEngine) or bind.dialect.name != "postgresql":
        return sessions
    options = {**sessions.kw, "bind": bind.execution_options(isolation_level="AUTOCOMMIT")}
    return type(sessions)(class_=sessions.class_, **options)
