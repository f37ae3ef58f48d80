"""Telling the app what happened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from authwire.core.log import Log
from authwire.errors import EventError

__all__ = ["EventBus", "EventName"]

EventName = Literal["sign_in", "sign_out", "create_user", "update_user", "link_account", "session"]


class EventBus:
    """Calls event handlers; one that fails is logged and changes nothing."""

    __slots__ = ("_handlers", "_log")

    def __init__(
        self, handlers: Mapping[EventName, Callable[[Any], Awaitable[object]]], log: Log
    ) -> None:
        self._handlers = handlers
        self._log = log

    def wanted(self, name: EventName) -> bool:
        """Whether somebody listens, so that a costly event need not be built in vain."""
        return name in self._handlers

    async def emit(self, name: EventName, event: object) -> None:
        handler = self._handlers.get(name)
        if handler is None:
            return
        try:
            await handler(event)
        except Exception as exc:  # noqa: BLE001  # whatever it is, nothing else may change
            self._log.error(
                EventError(f"the {name} event handler failed: {type(exc).__name__}"), cause=exc
            )
