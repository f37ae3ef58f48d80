"""Hooks that are decorators too."""

from __future__ import annotations

import re
from collections.abc import Callable
from inspect import getmembers
from typing import Any, Final, Protocol, TypeVar, cast, overload

import falcon

__all__ = ["Guard", "guard"]

T = TypeVar("T")
# `falcon.before` leaves the responders named on_request alone; a guard must not.
_RESPONDER: Final = re.compile(
    rf"on_(?:{'|'.join(map(str.lower, falcon.COMBINED_METHODS))}|request)(?:_\w+)?\Z"
)


class Guard(Protocol):
    """Keeps people out of a responder, or out of all responders of a resource class.

    Either a decorator, ``@auth.required``, or a hook, ``@falcon.before(auth.required)``.
    """

    @overload
    def __call__(self, target: T, /) -> T: ...

    @overload
    def __call__(self, req: Any, resp: Any, resource: Any, params: dict[str, Any], /) -> Any: ...


def guard(hook: Callable[..., Any]) -> Guard:
    """``hook`` as a `Guard`.

    Args:
        hook: takes the request, the response or the WebSocket, the resource, and the route's fields;
            raises to refuse.
    """

    def guarded(target: Any, *asked: Any) -> Any:
        return hook(target, *asked) if asked else _decorated(target, hook)

    return cast("Guard", guarded)


def _decorated(target: T, hook: Callable[..., Any]) -> T:
    before = falcon.before(hook)
    if not isinstance(target, type):
        return before(target)
    for name, responder in getmembers(target, callable):
        if _RESPONDER.match(name):
            setattr(target, name, before(responder))
    return target
