"""The session as a parameter of a handler."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from inspect import Parameter, signature
from types import UnionType
from typing import Any, Generic, Union, get_args, get_origin, get_type_hints

from blacksheep import Request
from blacksheep.server.bindings import Binder, BoundValue, empty

from authwire.integrations.blacksheep._translate import SignInRequired, visit_of
from authwire.models import Session, U

__all__ = ["FromSession", "SessionBinder", "learn"]


class FromSession(BoundValue[Session[U]], Generic[U]):
    """A parameter that is the session: ``session: FromSession``, or ``FromSession | None``.

    Its ``value`` is the `Session`. Without ``| None`` somebody must be signed in: see
    `SignInRequired`.
    """


class SessionBinder(Binder):
    """Gets the session for ``FromSession`` and for parameters that are annotated ``Session``."""

    handle = FromSession

    async def get_value(self, request: Request) -> Session[Any] | None:
        session: Session[Any] | None = await visit_of(request).session()
        if session is None and self.root_required and self.default is empty:
            raise SignInRequired
        return session


def _injected(_: Any) -> SessionBinder:
    return SessionBinder(Session, "session", implicit=True)


def learn(handler: Callable[..., Any]) -> None:
    """Have the parameters of ``handler`` that are annotated ``Session[…]`` injected.

    BlackSheep would take a type that it does not know from the body, and so from anybody.

    Raises:
        TypeError: for ``Session | None`` without a default; a binder cannot see the ``None``.
    """
    names = getattr(handler, "_globals", None), getattr(handler, "_locals", None)
    hints: dict[str, Any] = {}
    with suppress(NameError, TypeError):  # BlackSheep tells
        hints = get_type_hints(handler, *names)
    for name, parameter in signature(handler).parameters.items():
        hint = hints.get(name)
        optional = get_origin(hint) in (Union, UnionType)
        for kind in get_args(hint) if optional else (hint,):
            if kind is not Session and get_origin(kind) is not Session:
                continue
            Binder.aliases.setdefault(kind, _injected)
            if optional and parameter.default is Parameter.empty:
                raise TypeError(f"{handler.__qualname__}: write {name}: Session | None = None")


Binder.aliases[Session] = _injected
