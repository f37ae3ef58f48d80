"""What Flask and Quart have in common, as both are built on Werkzeug."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar, cast

from werkzeug.local import LocalProxy
from werkzeug.routing import PathConverter

__all__ = ["REST", "Rest", "behind", "with_fields"]

R = TypeVar("R")
T = TypeVar("T")

REST: Final = "authwire_rest"
"""The name of the converter `Rest` in routes."""


class Rest(PathConverter):
    """What is left of a path; unlike ``path`` it may begin with a slash."""

    part_isolating = False
    regex = ".+?"


def behind(proxy: T) -> Callable[[], T]:
    """A function that gives what ``request`` and its like stand for at the moment.

    What is read through the proxy itself takes six times as long, each time.
    """
    return cast("LocalProxy[T]", proxy)._get_current_object  # noqa: SLF001  # Werkzeug documents it


def with_fields(response: R, fields: Sequence[tuple[str, str]]) -> R:
    """Werkzeug's ``response`` with more header fields.

    Cookies go into a copy: an app may keep one answer for all, and must not keep anybody's cookies in
    it. ``Vary`` holds for everybody.
    """
    own: Any = response
    if any(name == "set-cookie" for name, _ in fields):
        kind: Any = type(response)
        own = kind.__new__(kind)
        vars(own).update(vars(response))
        own.headers = type(own.headers)(own.headers)
    for name, value in fields:
        own.headers.add(name, value)
    return own  # type: ignore[no-any-return]  # of the same type
