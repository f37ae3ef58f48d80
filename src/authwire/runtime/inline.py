"""Sync apps: run the async core as if it were plain code.

A coroutine that only awaits coroutines which never wait is finished by one ``send``. So a sync app
needs no event loop and no second thread, and keeps its thread-locals, its context variables and its
database connections.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar, cast

from authwire.errors import EventLoopRequired
from authwire.runtime._callables import callable_name, is_async_callable

__all__ = ["InlineRuntime", "drive"]

T = TypeVar("T")

# The words of asyncio, anyio and sniffio when they are used without an event loop.
_NO_LOOP = re.compile(r"no (running|current) event loop|async library|asynchronous event loop")


def drive(coro: Coroutine[Any, Any, T], *, what: str = "a callable") -> T:
    """Run a coroutine that never waits, and return its result.

    Args:
        coro: the coroutine; it is closed in any case.
        what: who to blame in the error.

    Raises:
        EventLoopRequired: if the coroutine waits for real async I/O.
    """
    try:
        coro.send(None)
    except StopIteration as done:
        return cast("T", done.value)
    finally:
        coro.close()
    raise _refusal(what)


class InlineRuntime:
    """The runtime of `SyncAuth`: callables are called on the spot, in the caller's thread."""

    is_async = False

    def call(
        self, fn: Callable[..., Any], *, blocking: bool = False, drivable: bool = False
    ) -> Callable[..., Awaitable[Any]]:
        """``fn`` as an async callable that never waits. ``blocking`` makes no difference here.

        Raises:
            EventLoopRequired: at once if ``fn`` is async and not ``drivable``; when called if it
                turns out to be async, or to need an event loop.
        """
        del blocking
        name = callable_name(fn)
        if is_async_callable(fn) and not drivable:
            raise _refusal(name)

        async def call_inline(*args: Any, **kwargs: Any) -> Any:
            try:
                result = fn(*args, **kwargs)
                if inspect.iscoroutine(result):
                    if drivable:
                        return drive(result, what=name)
                    result.close()
                    raise _refusal(name)
            except RuntimeError as exc:
                if _NO_LOOP.search(str(exc)):
                    raise _refusal(name) from exc
                raise
            if inspect.isawaitable(result):
                raise _refusal(name)
            return result

        return call_inline

    def run(self, coro: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine of the core. See `drive`."""
        return drive(coro)


def _refusal(name: str) -> EventLoopRequired:
    return EventLoopRequired(
        f"{name} is async, but a sync app has no event loop for it: make it a plain function, "
        "or use SyncAuth(…, runtime=PortalRuntime())"
    )
