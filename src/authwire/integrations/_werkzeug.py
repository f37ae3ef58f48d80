"""What Flask and Quart have in common, as both are built on Werkzeug."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any, Final, TypeVar

from werkzeug.routing import PathConverter

__all__ = ["REST", "Rest", "with_fields"]

R = TypeVar("R")

REST: Final = "authwire_rest"
"""The name of the converter `Rest` in routes."""


class Rest(PathConverter):
    """What is left of a path; unlike ``path`` it may begin with a slash."""

    part_isolating = False
    regex = ".+?"


def with_fields(response: R, fields: Sequence[tuple[str, str]]) -> R:
    """Werkzeug's ``response`` with more header fields.

    In a copy, if there are any: an app may keep one answer for all, and must not keep anybody's
    cookies in it.
    """
    if not fields:
        return response
    own: Any = copy(response)
    own.headers = type(own.headers)(own.headers)
    for name, value in fields:
        own.headers.add(name, value)
    return own  # type: ignore[no-any-return]  # of the same type
