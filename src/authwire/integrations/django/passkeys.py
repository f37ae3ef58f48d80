"""Passkeys for code of the kind that the request did not come by."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar, cast

from asgiref.sync import async_to_sync, sync_to_async

from authwire.core.guards import glance
from authwire.integrations._visit import SyncVisit
from authwire.integrations.django.exchange import Exchange
from authwire.models import Authenticator, U
from authwire.passkeys import Passkeys, SyncPasskeys

__all__ = ["async_passkeys", "sync_passkeys"]

T = TypeVar("T")


class _Loop:
    """Runs coroutines in the event loop that waits for this thread."""

    def run(self, coro: Coroutine[Any, Any, T]) -> T:
        async def finish() -> T:
            return await coro

        return async_to_sync(finish)()


class _ThreadedPasskeys(Passkeys[U]):
    """Goes to the thread of the sync code."""

    def __init__(self, passkeys: SyncPasskeys[U]) -> None:
        self._sync = passkeys

    async def list(self) -> list[Authenticator]:
        return await sync_to_async(self._sync.list, thread_sensitive=True)()

    async def rename(self, passkey_id: str, name: str) -> Authenticator:
        return await sync_to_async(self._sync.rename, thread_sensitive=True)(passkey_id, name)

    async def remove(self, passkey_id: str, *, allow_last: bool = False) -> None:
        remove = sync_to_async(self._sync.remove, thread_sensitive=True)
        await remove(passkey_id, allow_last=allow_last)


def sync_passkeys(exchange: Exchange[U]) -> SyncPasskeys[U]:
    """See `SyncAuth.passkeys`."""
    visit = exchange.visit
    if isinstance(visit, SyncVisit):
        return visit.auth.passkeys(visit.request)
    ctx = glance(visit.auth.engine(visit.request), visit.request)
    return SyncPasskeys(ctx, cast("Any", _Loop()))


def async_passkeys(exchange: Exchange[U]) -> Passkeys[U]:
    """See `Auth.passkeys`."""
    visit = exchange.visit
    if isinstance(visit, SyncVisit):
        return _ThreadedPasskeys(visit.auth.passkeys(visit.request))
    return visit.auth.passkeys(visit.request)
