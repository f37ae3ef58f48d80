"""``/csrf``: the token that the JavaScript client posts."""

from __future__ import annotations

from authwire.core.context import Context
from authwire.core.replies import json_response
from authwire.http import Response
from authwire.models import U

__all__ = ["csrf"]


async def csrf(ctx: Context[U]) -> Response:
    """The CSRF token; 404 where the check is switched off."""
    if ctx.engine.skip_csrf_check:
        ctx.engine.log.warning("csrf-disabled", "skip_csrf_check is on; POSTs are not protected")
        ctx.jar.clear(ctx.cookies.csrf_token)
        return Response(status=404)
    return json_response({"csrfToken": ctx.csrf_token}, no_store=True)
