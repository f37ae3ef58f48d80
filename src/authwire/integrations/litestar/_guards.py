"""Guards: what a route, a controller, a router or the whole app asks of a session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, Generic, Self

from litestar.handlers import BaseRouteHandler

from authwire.integrations.litestar._replies import forbidden, not_signed_in
from authwire.integrations.litestar._routes import is_ours
from authwire.integrations.litestar._sessions import Connection, Sessions, show
from authwire.models import Session, U

__all__ = ["Guard", "Predicate"]

Predicate = Callable[[Session[U]], bool | Awaitable[bool]]


class Guard(Generic[U]):
    """The guards `LitestarAuth.required` and `LitestarAuth.require`.

    A guard of a whole app leaves the routes of Authwire open.
    """

    def __init__(self, sessions: Sessions[U], predicate: Predicate[U] | None) -> None:
        self.sessions = sessions
        self._predicate = predicate

    def __deepcopy__(self, memo: Any) -> Self:
        return self  # Litestar copies each router with its guards

    async def __call__(self, connection: Connection, route_handler: BaseRouteHandler) -> None:
        if is_ours(route_handler):
            return
        session = await self.sessions.session(connection)
        if session is None:
            raise not_signed_in(self.sessions, connection)
        if self._predicate is not None:
            verdict = self._predicate(session)
            if not (await verdict if isawaitable(verdict) else verdict):
                raise forbidden(connection)
        show(connection, session)
