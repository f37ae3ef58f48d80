"""Async apps: callables run in the app's own event loop, asyncio or trio."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

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
        return _in_thread(fn) if blocking else _in_place(fn)


def _in_place(fn: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    async def call(*args: Any, **kwargs: Any) -> Any:
        result = fn(*args, **kwargs)
        return await result if inspect.isawaitable(result) else result

    return call


def _in_thread(fn: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    import anyio.to_thread  # at start-up, not in a request, and only where something blocks

    async def call(*args: Any, **kwargs: Any) -> Any:
        # Not abandoned on cancellation: a thread left alone could still write to the database.
        # In a tuple, because trio takes no coroutine from a thread.
        (result,) = await anyio.to_thread.run_sync(lambda: (fn(*args, **kwargs),))
        return await result if inspect.isawaitable(result) else result

    return call
