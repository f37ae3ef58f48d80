"""The ways out: the app's own, bound to the runtime, and our mailer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any

from authwire.http import HttpRequest, HttpResponse
from authwire.ports import Mailer, MailMessage

__all__ = ["BoundHttp", "BoundMailer", "OwnMailer"]


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


class OwnMailer:
    """The `Mailer` of this kind of app, loaded by the first mail: most apps never send one."""

    def __init__(self, *, is_async: bool) -> None:
        self._is_async = is_async

    @cached_property
    def _mailer(self) -> Mailer:
        from authwire.runtime.mail import AioSmtpMailer, SmtplibMailer

        return AioSmtpMailer() if self._is_async else SmtplibMailer()

    async def send(self, server: str, message: MailMessage) -> None:
        await self._mailer.send(server, message)
