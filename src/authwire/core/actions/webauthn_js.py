"""``/webauthn.js``: the browser's side of passkeys. Not one of Auth.js' actions."""

from __future__ import annotations

from typing import Final

from authwire.core.context import Context
from authwire.core.replies import bad_request
from authwire.http import Request, Response
from authwire.models import U
from authwire.pages.script import PASSKEY_SCRIPT

__all__ = ["browser_module"]

_YEAR: Final = 365 * 24 * 3600


async def browser_module(ctx: Context[U]) -> Response:
    """The browser's side of passkeys, for everybody and every cache.

    Our own page asks for one version (``?v=``), which may be kept for ever; an app that imports it
    without one gets to know of changes.
    """
    request, providers = ctx.request, ctx.engine.providers.values()
    if not any(item.provider.type == "webauthn" for item in providers):
        return bad_request()
    script = PASSKEY_SCRIPT
    pinned = request.query.get("v") == script.version
    headers = (
        ("content-type", "text/javascript; charset=utf-8"),
        ("cache-control", f"public, max-age={_YEAR}, immutable" if pinned else "public, no-cache"),
        ("etag", script.etag),
        ("x-content-type-options", "nosniff"),
    )
    known = [tag.strip().removeprefix("W/") for tag in _if_none_match(request).split(",")]
    if script.etag in known or "*" in known:
        return Response(status=304, headers=headers[1:])
    return Response(headers=headers, body=script.body)


def _if_none_match(request: Request) -> str:
    return request.headers.get("if-none-match") or ""
