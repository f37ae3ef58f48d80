"""Running queries on either kind of connection: retries, time limit, and telling refusals apart."""

from __future__ import annotations

import asyncio
import inspect
import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from itertools import count
from typing import Any, Final, Literal
from weakref import WeakKeyDictionary

from surrealdb import (
    AsyncEmbeddedSurrealConnection,
    BlockingEmbeddedSurrealConnection,
    SurrealError,
)
from surrealdb.errors import parse_query_error, parse_rpc_error

from authwire.adapters._rules import EMAIL_TAKEN, NO_SUCH_USER, taken

__all__ = ["Connection", "Database"]

Database = Any
"""A connection of the driver; its six classes have no common base that says so."""

_Turn = AbstractContextManager[Any]
_AsyncTurn = AbstractAsyncContextManager[Any]
_TURNS: Final[WeakKeyDictionary[Any, _Turn]] = WeakKeyDictionary()
_ASYNC_TURNS: Final[WeakKeyDictionary[Any, _AsyncTurn]] = WeakKeyDictionary()
_TRIES: Final = 60
_LONGEST_PAUSE: Final = 0.05
_THROWN: Final = re.compile(r"authwire:(id_taken|no_such_user)\Z")
_CONFLICT: Final = ("can be retried", "read or write conflict", "Transaction conflict")
_NOT_RUN: Final = "was not executed due to a failed transaction"


class Connection:
    """The user's connection.

    Args:
        database: one that is connected, signed in and has its namespace and database chosen.
        timeout: seconds for one call with all its retries; None for no limit.

    Raises:
        TypeError: if it is no connection of the driver.
    """

    def __init__(self, database: Database, timeout: float | None) -> None:
        query = getattr(database, "query_raw", None)
        if not callable(query):
            raise TypeError(
                f"expected a connection made by AsyncSurreal or Surreal, not {type(database).__name__}"
            )
        self._query: Callable[..., Any] = query
        self._timeout = timeout
        self.io: Literal["async", "blocking"] = (
            "async" if inspect.iscoroutinefunction(query) else "blocking"
        )
        self._turn: _Turn = nullcontext()
        self._async_turn: _AsyncTurn = nullcontext()
        # The engine inside the driver lets two transactions that end at the same moment both win,
        # against its own unique index. It belongs to this process, so a lock of ours is enough.
        if isinstance(database, BlockingEmbeddedSurrealConnection):
            self._turn = _TURNS.setdefault(database, threading.Lock())
        elif isinstance(database, AsyncEmbeddedSurrealConnection):
            self._async_turn = _ASYNC_TURNS.setdefault(database, asyncio.Lock())

    async def run(self, query: str, values: Mapping[str, Any], id_taken: str = "") -> list[Any]:
        """The results of the statements of ``query``. With a blocking connection it never suspends.

        Args:
            query: one transaction for each statement.
            values: its parameters.
            id_taken: what to say if the record is there already.

        Raises:
            AdapterError: if the database refuses a value, in words of ours.
            TimeoutError: if it takes too long.
            SurrealError: on any other failure.
        """
        if self.io == "blocking":
            return await self._repeated(query, values, id_taken)
        async with asyncio.timeout(self._timeout):
            return await self._repeated(query, values, id_taken)

    async def _repeated(self, query: str, values: Mapping[str, Any], id_taken: str) -> list[Any]:
        deadline = None if self._timeout is None else time.monotonic() + self._timeout
        for attempt in count(1):
            results, error = _outcome(await self._sent(query, values))
            if error is None:
                return results
            if attempt < _TRIES and any(word in str(error) for word in _CONFLICT):
                if deadline is not None and time.monotonic() > deadline:
                    raise TimeoutError("the transaction met others again and again")
                await self._pause(attempt)
                continue
            refusal = _refusal(str(error), id_taken)
            raise error if refusal is None else taken(refusal)
        raise AssertionError("unreachable")

    async def _sent(self, query: str, values: Mapping[str, Any]) -> Any:
        if self.io == "blocking":
            with self._turn:
                return self._query(query, dict(values))
        try:
            async with self._async_turn:
                return await self._query(query, dict(values))
        except (asyncio.CancelledError, KeyError):
            # When a WebSocket is gone, the driver cancels what waits for it, though nobody cancelled
            # us, and then misses the entry of it.
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise ConnectionError("the connection to SurrealDB is lost") from None

    async def _pause(self, attempt: int) -> None:
        longest = min(_LONGEST_PAUSE, 0.002 * attempt)
        seconds = random.uniform(0, longest)  # noqa: S311  # spreads callers, keeps no secret
        if self.io == "blocking":
            time.sleep(seconds)  # noqa: ASYNC251  # there is no event loop here
        else:
            await asyncio.sleep(seconds)


def _outcome(response: Any) -> tuple[list[Any], SurrealError | None]:
    if response.get("error") is not None:
        return [], parse_rpc_error(response["error"])
    statements = response["result"]
    failed = [statement for statement in statements if statement["status"] != "OK"]
    if not failed:
        return [statement["result"] for statement in statements], None
    # The others of a failed transaction only say that it failed.
    cause = next((one for one in failed if not str(one["result"]).endswith(_NOT_RUN)), failed[0])
    return [], parse_query_error(cause)


def _refusal(text: str, id_taken: str) -> str | None:
    thrown = _THROWN.search(text)
    if thrown is not None:
        return id_taken if thrown[1] == "id_taken" else NO_SUCH_USER
    if text.startswith("Database index `authwire_user_email` already contains"):
        return EMAIL_TAKEN
    if text.startswith("Database record `") and text.endswith("already exists"):
        return id_taken
    return None
