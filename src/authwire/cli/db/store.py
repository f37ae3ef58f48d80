"""Calling an adapter from a command: under an event loop if it waits in one, else directly."""

from __future__ import annotations

import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import anyio

from authwire.cli.db.advice import has_tables
from authwire.cli.db.outcome import DatabaseFailed, Refused
from authwire.resolve.adapters import adapter_io, bound_adapter
from authwire.runtime import AnyioRuntime, InlineRuntime, drive

__all__ = ["Store", "run"]

T = TypeVar("T")


class Store:
    """The adapter, each method awaitable, each failure a `DatabaseFailed`."""

    def __init__(self, adapter: Any) -> None:
        self.adapter = adapter
        self.is_async = adapter_io(adapter) == "async"
        runtime = AnyioRuntime() if self.is_async else InlineRuntime()
        self._bound: Any = bound_adapter(adapter, runtime)

    def has(self, method: str) -> bool:
        return hasattr(self._bound, method)

    async def call(self, method: str, *args: Any) -> Any:
        """Call a method of the adapter.

        Raises:
            DatabaseFailed: whatever it raises.
        """
        return await self.guarded(getattr(self._bound, method)(*args))

    async def guarded(self, work: Awaitable[T]) -> T:
        """Await ``work``, which talks to the database.

        Raises:
            DatabaseFailed: whatever it raises.
        """
        try:
            return await work
        except (DatabaseFailed, Refused):
            raise
        except Exception as exc:  # a driver raises what it likes
            raise DatabaseFailed(exc) from exc

    async def sleep(self, seconds: float) -> None:
        if self.is_async:
            await anyio.sleep(seconds)
        else:
            time.sleep(seconds)  # noqa: ASYNC251  # no event loop runs here

    async def close(self) -> None:
        """Close the adapter's connections: an open one may keep the process from ending."""
        engine = self.adapter.engine if has_tables(self.adapter) else None
        if engine is not None:
            close = engine.dispose
        else:
            close = getattr(self.adapter, "aclose" if self.is_async else "close", None)
        if close is not None:
            pending = close()
            if inspect.isawaitable(pending):
                await pending


def run(adapter: Any, work: Callable[[Store], Awaitable[T]]) -> T:
    """Do ``work`` with ``adapter``, then close its connections."""
    store = Store(adapter)

    async def whole() -> T:
        try:
            return await work(store)
        finally:
            await store.close()

    return anyio.run(whole) if store.is_async else drive(whole())
