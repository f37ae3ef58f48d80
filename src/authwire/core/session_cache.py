"""Database sessions kept in memory for a moment, so that a burst of requests asks the database once.

What this process changes itself is seen at once: a session that is ended or moved, a user that is
changed or deleted. What another process changes is seen when the entry's life is over.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final, Generic, cast

from authwire.core.database import ADAPTER_METHODS, has
from authwire.models import AdapterSession, U
from authwire.ports import Adapter

__all__ = ["cached"]

_BY_TOKEN: Final = ("update_session", "delete_session")
"""Methods whose first argument is the token of the one session that they change."""
_BY_USER: Final = ("update_user", "delete_user", "delete_sessions_by_user_id")
"""Methods whose first argument is the id of the user whose sessions they change."""


def cached(
    database: Adapter[U], *, life: timedelta, size: int, now: Callable[[], datetime]
) -> Adapter[U]:
    """``database``, whose `get_session_and_user` answers from memory where it may.

    Args:
        database: the adapter.
        life: how long an answer may be used.
        size: how many sessions are kept; the oldest entries go first.
        now: the clock.
    """
    methods = {name: getattr(database, name) for name in ADAPTER_METHODS if has(database, name)}
    cache: _Cache[U] = _Cache(methods["get_session_and_user"], life, size, now)
    changed: dict[str, Callable[..., Awaitable[Any]]] = {"get_session_and_user": cache.read}
    for name in _BY_TOKEN:
        if name in methods:
            changed[name] = _after(methods[name], cache.forget)
    for name in _BY_USER:
        if name in methods:
            changed[name] = _after(methods[name], cache.forget_user)
    return cast("Adapter[U]", SimpleNamespace(**(methods | changed)))


class _Cache(Generic[U]):
    def __init__(
        self,
        read: Callable[[str], Awaitable[tuple[AdapterSession, U] | None]],
        life: timedelta,
        size: int,
        now: Callable[[], datetime],
    ) -> None:
        self._read = read
        self._life = life
        self._size = size
        self._now = now
        self._held: dict[str, tuple[datetime, tuple[AdapterSession, U]]] = {}
        self._changes = 0
        """How often something was forgotten: a read that began before must not be kept."""

    async def read(self, token: str) -> tuple[AdapterSession, U] | None:
        now = self._now()
        entry = self._held.get(token)
        if entry is not None:
            if now < entry[0]:
                return entry[1]
            self._held.pop(token, None)
        before = self._changes
        found = await self._read(token)
        # Nobody is never kept: a session that was just made must be found.
        if found is not None and before == self._changes:
            self._make_room()
            self._held[token] = (now + self._life, found)
        return found

    def forget(self, token: str) -> None:
        self._changes += 1
        self._held.pop(token, None)

    def forget_user(self, user_id: str) -> None:
        self._changes += 1
        # A copy: other threads may read meanwhile.
        for token, (_, (_, user)) in list(self._held.items()):
            if user.id == user_id:
                self._held.pop(token, None)

    def _make_room(self) -> None:
        while len(self._held) >= self._size:
            try:
                oldest = next(iter(self._held))
            except (StopIteration, RuntimeError):
                return  # another thread was at it
            self._held.pop(oldest, None)


def _after(
    method: Callable[..., Awaitable[Any]], forget: Callable[[str], None]
) -> Callable[..., Awaitable[Any]]:
    """``method``, which forgets what it changes.

    Before, so that nobody reads it from memory; and after, so that what was read meanwhile is not kept.
    """

    async def call(key: str, *args: Any) -> Any:
        forget(key)
        try:
            return await method(key, *args)
        finally:
            forget(key)

    return call
