"""Authwire's sign-ins and Django's own logins, so that a browser is one person's.

Somebody who signs in or out here is announced by Django's signals ``user_logged_in`` and
``user_logged_out``, and what Django's session holds does not pass from one person to the next. The
other way round, Django's own ``login()`` of somebody else and ``logout()`` end our session.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace
from inspect import isawaitable
from typing import Any, Final, Protocol

from asgiref.sync import sync_to_async
from django.contrib.auth import SESSION_KEY  # type: ignore[import-untyped]  # Django has no types
from django.contrib.auth.signals import user_logged_in, user_logged_out  # type: ignore[import-untyped]  # as above
from django.middleware.csrf import rotate_token  # type: ignore[import-untyped]  # as above

from authwire.adapters.django import DjangoAdapter
from authwire.config import Events, SignInEvent, SignOutEvent
from authwire.integrations.django.users import find_user
from authwire.models import U
from authwire.runtime._callables import is_async_callable

__all__ = ["CURRENT", "KEY", "connect", "held", "with_signals"]

KEY: Final = "_authwire"
"""The attribute of a request that holds what we know of it."""


class _Carried(Protocol):
    """What of `Exchange` is needed here."""

    native: Any
    ending: bool

    def end(self, other_than: str | None = None) -> None: ...


CURRENT: ContextVar[_Carried | None] = ContextVar("CURRENT", default=None)
"""What is being answered, as events don't tell."""


def held(request: Any) -> list[Any]:
    """The exchanges that a request has so far."""
    return list(getattr(request, KEY, {}).values())


# --- ours → Django's ----------------------------------------------------------------------------


def with_signals(events: Events[U], adapter: DjangoAdapter[U], *, in_loop: bool) -> Events[U]:
    """``events``, and Django's signals after them.

    Args:
        events: the app's own.
        adapter: finds the rows of users, which the signals are about.
        in_loop: whether events are handled in an event loop, which the database must not block.
    """

    def signed_in(event: SignInEvent[U]) -> None:
        exchange = CURRENT.get()
        row = find_user(adapter, event.user.id) if exchange is not None else None
        if exchange is not None and row is not None:
            _hand_over(exchange.native, row)
            user_logged_in.send(sender=type(row), request=exchange.native, user=row, authwire=True)

    def signed_out(event: SignOutEvent) -> None:
        exchange = CURRENT.get()
        user_id = event.session.user_id if event.session else (event.token or {}).get("sub")
        if exchange is None or exchange.ending or not isinstance(user_id, str):
            return
        row = find_user(adapter, user_id)
        user_logged_out.send(sender=type(row), request=exchange.native, user=row, authwire=True)
        session = getattr(exchange.native, "session", None)
        if session is not None and session.session_key is not None:
            session.flush()

    return replace(
        events,
        sign_in=_also(events.sign_in, signed_in, in_loop=in_loop),
        sign_out=_also(events.sign_out, signed_out, in_loop=in_loop),
    )


def _also(
    own: Callable[[Any], Any] | None, then: Callable[[Any], None], *, in_loop: bool
) -> Callable[[Any], Any]:
    """A handler that calls ``then``, even if ``own`` fails."""
    if own is not None and not in_loop and is_async_callable(own):
        return own  # refused with its name, when the config is resolved

    def both(event: Any) -> Any:
        try:
            return own(event) if own is not None else None
        finally:
            then(event)

    async def both_in_loop(event: Any) -> None:
        try:
            result = own(event) if own is not None else None
            if isawaitable(result):
                await result
        finally:
            await sync_to_async(then, thread_sensitive=True)(event)

    return both_in_loop if in_loop else both


def _hand_over(request: Any, row: Any) -> None:
    """New keys for what an attacker may have planted before the sign-in, as Django's ``login`` does."""
    session = getattr(request, "session", None)
    if session is not None and session.session_key is not None:
        if session.get(SESSION_KEY, str(row.pk)) != str(row.pk):
            session.flush()
        else:
            session.cycle_key()
    if "CSRF_COOKIE" in request.META:
        rotate_token(request)


# --- Django's → ours ----------------------------------------------------------------------------


def connect() -> None:
    """Listen to Django's own logins and logouts."""
    user_logged_in.connect(_on_login, dispatch_uid="authwire.login")
    user_logged_out.connect(_on_logout, dispatch_uid="authwire.logout")


def _on_login(request: Any = None, user: Any = None, **more: Any) -> None:
    if "authwire" not in more:
        for exchange in held(request):
            exchange.end(other_than=str(user.pk))


def _on_logout(request: Any = None, **more: Any) -> None:
    if "authwire" not in more:
        for exchange in held(request):
            exchange.end()
