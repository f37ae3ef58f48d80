"""``/client.js`` and its types: Auth.js' client for any front end. Neither is one of its actions."""

from __future__ import annotations

from typing import Final

from authwire.core.context import Context
from authwire.http import Request, Response
from authwire.models import U
from authwire.pages.script import CLIENT_SCRIPT, CLIENT_TYPES, Script

__all__ = ["JAVASCRIPT", "client_module", "client_types", "serve"]

JAVASCRIPT: Final = "text/javascript; charset=utf-8"
_TYPES: Final = "text/plain; charset=utf-8"
_YEAR: Final = 365 * 24 * 3600


async def client_module(ctx: Context[U]) -> Response:
    """The browser's side of signing in, as a module for an app's own pages."""
    return serve(ctx.request, CLIENT_SCRIPT, JAVASCRIPT)


async def client_types(ctx: Context[U]) -> Response:
    """What ``client.js`` exports, for TypeScript."""
    return serve(ctx.request, CLIENT_TYPES, _TYPES)


def serve(request: Request, script: Script, media_type: str) -> Response:
    """``script``, for everybody and every cache.

    Who asks for one version (``?v=``) may keep it for ever; who asks without gets to know of changes.
    """
    pinned = request.query.get("v") == script.version
    headers = (
        ("content-type", media_type),
        ("cache-control", f"public, max-age={_YEAR}, immutable" if pinned else "public, no-cache"),
        ("etag", script.etag),
        ("x-content-type-options", "nosniff"),
    )
    known = request.headers.get("if-none-match") or ""
    tags = [tag.strip().removeprefix("W/") for tag in known.split(",")]
    if script.etag in tags or "*" in tags:
        return Response(status=304, headers=headers[1:])
    return Response(headers=headers, body=script.body)
