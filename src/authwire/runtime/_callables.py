"""Telling callables apart before they are called."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

__all__ = ["callable_name", "is_async_callable"]


def is_async_callable(fn: Callable[..., Any]) -> bool:
    """Whether calling ``fn`` surely gives an awaitable.

    Sees through partials, bound methods and objects with an ``async def __call__``. A plain
    function that happens to return a coroutine can't be told from outside: the answer is False.
    """
    while isinstance(fn, functools.partial):
        fn = fn.func
    if inspect.iscoroutinefunction(fn):
        return True
    # A class is called through its metaclass, not through the __call__ of its instances.
    return not isinstance(fn, type) and inspect.iscoroutinefunction(getattr(fn, "__call__", None))  # noqa: B004  # it is read, not tested for


def callable_name(fn: Callable[..., Any]) -> str:
    """How to call ``fn`` in a message: module and qualified name, or its class."""
    while isinstance(fn, functools.partial):
        fn = fn.func
    name = getattr(fn, "__qualname__", None)
    if isinstance(name, str):
        return f"{getattr(fn, '__module__', None) or '?'}.{name}"
    return f"{type(fn).__module__}.{type(fn).__qualname__} object"
