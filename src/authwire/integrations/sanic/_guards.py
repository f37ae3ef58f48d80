"""Decorators that are request middleware too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import isawaitable
from typing import Any, Protocol, TypeVar, cast, overload

from sanic import Request
from sanic.response import HTTPResponse

from authwire.integrations.sanic._messages import SOCKETS, AnyRequest, hang_up

__all__ = ["Guard", "guard"]

F = TypeVar("F", bound=Callable[..., Any])
Refuse = Callable[[AnyRequest], Awaitable[Callable[[], HTTPResponse] | None]]
"""Gives what makes the refusal, by returning or raising; None to let pass."""


class Guard(Protocol):
    """Keeps people out of a handler, of a class-based view, or of a whole blueprint.

    Either a decorator, ``@auth.required``, or request middleware: ``blueprint.on_request(auth.required)``.
    """

    @overload
    def __call__(self, handler: F, /) -> F: ...

    @overload
    def __call__(self, request: AnyRequest, /) -> Awaitable[HTTPResponse | None]: ...


def guard(refuse: Refuse) -> Guard:
    """A `Guard` that asks ``refuse``."""

    async def stop(request: AnyRequest) -> HTTPResponse | None:
        refusal = await refuse(request)
        return None if refusal is None else refusal()

    def guarding(target: Any) -> Any:
        return stop(target) if isinstance(target, Request) else _guarded(target, refuse)

    return cast("Guard", guarding)


def _guarded(target: F, refuse: Refuse) -> F:
    if isinstance(target, type):  # a class-based view, maybe routed already
        view: Any = target
        view.dispatch_request = _guarded(view.dispatch_request, refuse)
        return cast("F", target)

    @wraps(target)
    async def guarded(*args: Any, **kwargs: Any) -> Any:
        request, socket = _asked(args)
        refusal = await refuse(request)
        if refusal is not None:
            return refusal() if socket is None else await hang_up(request, socket)
        result = target(*args, **kwargs)
        return await result if isawaitable(result) else result

    return cast("F", guarded)


def _asked(args: tuple[Any, ...]) -> tuple[AnyRequest, Any]:
    """The request, and the WebSocket if there is one."""
    for position, value in enumerate(args):
        if isinstance(value, Request):
            following = args[position + 1] if position + 1 < len(args) else None
            return value, following if isinstance(following, SOCKETS) else None
    raise TypeError("a handler that needs a session must take the request")
