"""Async apps: blocking code runs in the thread that Django has for the sync code of a request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any

from asgiref.sync import sync_to_async

from authwire.runtime import AnyioRuntime
from authwire.runtime._callables import is_async_callable

__all__ = ["DjangoRuntime"]


class DjangoRuntime(AnyioRuntime):
    """What may block shares the thread of the request's sync code, and so its database connection.

    All else is as in `AnyioRuntime`.
    """

    def call(
        self, fn: Callable[..., Any], *, blocking: bool = False, drivable: bool = False
    ) -> Callable[..., Awaitable[Any]]:
        """See `Runtime.call`."""
        if not blocking or is_async_callable(fn):
            return super().call(fn, blocking=blocking, drivable=drivable)
        in_thread = sync_to_async(fn, thread_sensitive=True)

        async def call_blocking(*args: Any, **kwargs: Any) -> Any:
            result = await in_thread(*args, **kwargs)
            return await result if isawaitable(result) else result

        return call_blocking
