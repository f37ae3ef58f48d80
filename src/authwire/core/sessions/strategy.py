"""What a session strategy must do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from authwire.core.context import Context
from authwire.core.identity import Identity
from authwire.models import Session, U

__all__ = ["ReadMode", "SessionStrategy"]

ReadMode = Literal["endpoint", "update", "app", "peek"]
"""Who reads: the session endpoint or an update (always roll), app code (rolls when due), or app code
that can't send cookies (never rolls: a row that outlives its cookie helps nobody)."""


class SessionStrategy(Protocol):
    """Where sessions live."""

    async def start(self, ctx: Context[U], identity: Identity[U]) -> None:
        """Sign ``identity`` in: make the session and its cookies."""
        ...

    async def read(
        self, ctx: Context[U], mode: ReadMode, new_session: Any = None
    ) -> Session[U] | None:
        """The session of this request, or None; rolls or clears its cookies.

        Raises:
            AdapterError: if the database failed, so that an outage is not taken for "signed out".
        """
        ...

    async def show(
        self, ctx: Context[U], mode: ReadMode, new_session: Any = None
    ) -> Mapping[str, Any] | None:
        """What `read` gives as ``data``, without what only app code looks at."""
        ...

    async def end(self, ctx: Context[U]) -> None:
        """Sign out; does not fail."""
        ...

    async def end_others(self, ctx: Context[U]) -> None:
        """End this user's sessions on all other devices.

        Raises:
            SignOutError: if sessions are not kept where they could be ended.
            AdapterError: if the database failed: some may still be alive.
        """
        ...

    async def forget(self, ctx: Context[U]) -> None:
        """Drop the stored session of whoever used this browser before, without a sign-out."""
        ...

    async def current_user(self, ctx: Context[U]) -> U | None:
        """The stored user who is signed in, for account linking; changes nothing."""
        ...
