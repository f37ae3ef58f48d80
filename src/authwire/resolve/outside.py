"""The app's own ways out, bound to the runtime."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from authwire.http import HttpRequest, HttpResponse
from authwire.ports import MailMessage

__all__ = ["BoundHttp", "BoundMailer"]


class BoundHttp:
    """An `Http` of the app."""

    def __init__(self, send: Callable[..., Awaitable[Any]]) -> None:
        self._send = send

    async def send(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = await self._send(request)
        return response


class BoundMailer:
    """A `Mailer` of the app."""

    def __init__(self, send: Callable[..., Awaitable[Any]]) -> None:
        self._send = send

    async def send(self, server: str, message: MailMessage) -> None:
        await self._send(server, message)
