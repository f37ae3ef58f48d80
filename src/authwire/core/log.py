"""Logging: what is said, and that no secret is among it.

Messages name kinds and ids of our own making; values from requests, providers and databases stay out
unless they are codes that a standard defines.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator

from authwire.errors import AdapterError, AuthError
from authwire.ports import Logger

__all__ = ["Log"]


class Log:
    """A `Logger` with Authwire's own verbs."""

    __slots__ = ("_debug", "_logger")

    def __init__(self, logger: Logger, *, debug: bool) -> None:
        self._logger = logger
        self._debug = debug

    def error(self, error: BaseException, *, cause: BaseException | None = None) -> None:
        """Log ``error`` with its causes; its type comes first, so that it can be searched for."""
        if cause is not None:
            error.__cause__ = cause
        kind = error.type if isinstance(error, AuthError) else type(error).__name__
        if isinstance(error, AuthError) and error.client_safe and error.__cause__ is None:
            self._logger.warning("[%s] %s", kind, error)  # a visitor's doing, not a fault
        elif any(isinstance(link, AdapterError) for link in _chain(error)):
            # Drivers quote the values of a failed statement in their messages, tokens among them.
            self._logger.error("[%s] %s\n%s", kind, _own_words(error), _frames(error))
        else:
            self._logger.error("[%s] %s", kind, error, exc_info=error)

    def warning(self, code: str, message: str) -> None:
        """Log something that works but should not stay."""
        self._logger.warning("[%s] %s", code, message)

    def debug(self, message: str, *args: object) -> None:
        """Log a step, if the config says ``debug``."""
        if self._debug:
            self._logger.debug(message, *args)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _own_words(error: BaseException) -> str:
    """The chain of errors: our own messages in full, foreign ones by class name."""
    return " <- ".join(
        str(link) if isinstance(link, AuthError) else type(link).__name__ for link in _chain(error)
    )


def _frames(error: BaseException) -> str:
    """Where it happened: code lines only, no values."""
    deepest = list(_chain(error))[-1]
    return "".join(traceback.format_tb(deepest.__traceback__)).rstrip()
