"""The middleware: who is signed in, rolled cookies, protected paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction

from authwire.errors import ConfigError
from authwire.integrations.django.exchange import Exchange, exchange_of
from authwire.integrations.django.http import to_response
from authwire.integrations.django.settings import current_setup

__all__ = ["AuthMiddleware"]


class AuthMiddleware:
    """Sets ``request.auth`` and ``request.user``, sends rolled cookies, protects paths.

    It belongs below Django's ``SessionMiddleware`` and ``AuthenticationMiddleware``, if those are there.
    What it is to do is in ``settings.AUTHWIRE``.

    Raises:
        ConfigError: when the app starts, naming every fault of the config.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)
        setup = current_setup()
        try:
            _ = setup.aauth if self._is_async else setup.auth
        except ConfigError:
            # Below a sync middleware, requests may come by ASGI all the same.
            _ = setup.aauth

    def __call__(self, request: Any) -> Any:
        if self._is_async:
            return self._answer(request)
        exchange = self._begin(request)
        refusal = exchange.stopped()
        return exchange.finish(
            self._get_response(request) if refusal is None else to_response(refusal)
        )

    async def _answer(self, request: Any) -> Any:
        exchange = self._begin(request)
        refusal = await exchange.astopped()
        return exchange.finish(
            await self._get_response(request) if refusal is None else to_response(refusal)
        )

    def _begin(self, request: Any) -> Exchange[Any]:
        exchange = exchange_of(request, current_setup(), carried=True)
        exchange.attach()
        return exchange
