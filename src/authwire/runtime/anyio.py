"""Async apps: callables run in the app's own event loop, asyncio or trio."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import anyio.to_thread

from authwire.runtime._callables import is_async_callable

__all__ = ["AnyioRuntime"]


class AnyioRuntime:
    """The runtime of `Auth`.

    Coroutine functions are awaited. Plain functions are called in the loop, because a hop to a
    thread costs more than most callbacks do. Those wrapped with ``blocking=True`` may wait for disk
    or network and run in a worker thread, with the caller's context variables.
    """

    is_async = True

    def call(
        self, fn: Callable[..., Any], *, blocking: bool = False, drivable: bool = False
    ) -> Callable[..., Awaitable[Any]]:
        """``fn`` as an async callable; an awaitable that a plain ``fn`` returns is awaited too."""
        del drivable  # with an event loop anything can be awaited
        if is_async_callable(fn):
            return fn

        async def call_plain(*args: Any, **kwargs: Any) -> Any:
            if blocking:
                # Not abandoned on cancellation: a thread left alone could still write to the database.
                # In a tuple, because trio takes no coroutine from a thread.
                (result,) = await anyio.to_thread.run_sync(lambda: (fn(*args, **kwargs),))
            else:
                result = fn(*args, **kwargs)
            return await result if inspect.isawaitable(result) else result

        return call_plain
