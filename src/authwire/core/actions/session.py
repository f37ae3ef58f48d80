"""``/session``: who is signed in."""

from __future__ import annotations

from authwire.core.context import Context
from authwire.core.guards import check_csrf
from authwire.core.replies import json_response
from authwire.core.sessions import sessions_of
from authwire.http import Response
from authwire.models import U

__all__ = ["read_session", "update_session"]


async def read_session(ctx: Context[U]) -> Response:
    """The session as JSON, or ``null``; it lives on for another ``max_age``."""
    shown = await sessions_of(ctx.engine).show(ctx, "endpoint")
    return json_response(shown, no_store=True)


async def update_session(ctx: Context[U]) -> Response:
    """``update()`` of the JavaScript client: the callbacks see what was sent.

    Raises:
        MissingCSRF: if the POST is not from a page of ours.
    """
    check_csrf(ctx)
    shown = await sessions_of(ctx.engine).show(ctx, "update", ctx.form.get("data"))
    return json_response(shown, no_store=True)
