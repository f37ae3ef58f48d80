"""The view behind all routes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from django.contrib.auth.decorators import login_not_required  # type: ignore[import-untyped]  # Django has no types
from django.views.decorators.csrf import csrf_exempt  # type: ignore[import-untyped]  # as above
from django.views.decorators.debug import sensitive_post_parameters  # type: ignore[import-untyped]  # as above

from authwire.http import Response
from authwire.integrations.django.exchange import exchange_of
from authwire.integrations.django.http import body_of, is_async, to_response
from authwire.integrations.django.settings import current_setup

__all__ = ["answer"]


def _answer(request: Any, *, action: str = "", provider: str = "", path: str = "") -> Any:
    """Answer what is asked below the mount as if below the base path."""
    setup = current_setup()
    exchange = exchange_of(request, setup)
    exchange.leave()
    body = body_of(request)
    if body is None:
        return to_response(Response(status=413))
    tail = "/".join(part for part in (action, quote(provider, safe="~")) if part)
    asked = setup.mount(is_async=is_async(request)).asked(
        replace(exchange.visit.request, body=body), tail or quote(path, safe="/~")
    )
    return to_response(exchange.call(exchange.visit.auth.handle, asked))


class _Every(frozenset[str]):
    """The names of all databases, whatever the settings say by then."""

    __slots__ = ()

    def __contains__(self, alias: object) -> bool:
        return isinstance(alias, str)


answer: Any = sensitive_post_parameters()(login_not_required(csrf_exempt(_answer)))
"""Ours have a CSRF token of their own."""
# What `transaction.non_atomic_requests` sets, for one database. In a transaction of the request's, a
# failure after a magic link was used would make the link good again.
answer._non_atomic_requests = _Every()  # noqa: SLF001  # as above
