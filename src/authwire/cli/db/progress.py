"""Telling how far a command is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TextIO

__all__ = ["Progress"]

_EVERY: Final = 10.0
"""Seconds between two lines where lines stay."""
_REDRAW: Final = 0.1
"""Seconds between two states of the line that changes."""


class Progress:
    """A line that changes on a terminal, a line now and then elsewhere.

    Args:
        stream: where to.
        clock: seconds that only grow.
    """

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._changes = stream.isatty()
        self._next = clock() + (0.0 if self._changes else _EVERY)
        self._drawn = False

    def show(self, text: str) -> None:
        """Tell ``text``, unless something was told just now."""
        now = self._clock()
        if now < self._next:
            return
        self._next = now + (_REDRAW if self._changes else _EVERY)
        self._drawn = self._changes
        self._stream.write(f"\r\x1b[K{text}" if self._changes else f"{text}\n")
        self._stream.flush()

    def clear(self) -> None:
        """Take the changing line away."""
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
        self._drawn = False
