"""``/webauthn.js``: the browser's side of passkeys. Not one of Auth.js' actions."""

from __future__ import annotations

from authwire.core.actions.client import JAVASCRIPT, serve
from authwire.core.context import Context
from authwire.core.replies import bad_request
from authwire.http import Response
from authwire.models import U
from authwire.pages.script import PASSKEY_SCRIPT

__all__ = ["browser_module"]


async def browser_module(ctx: Context[U]) -> Response:
    """The browser's side of passkeys, for everybody and every cache."""
    if not any(item.provider.type == "webauthn" for item in ctx.engine.providers.values()):
        return bad_request()
    return serve(ctx.request, PASSKEY_SCRIPT, JAVASCRIPT)
