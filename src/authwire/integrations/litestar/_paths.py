"""The path of a request before Litestar's router has changed it, and after."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, unquote

from litestar.utils import normalize_path

from authwire.runtime.asgi import Scope

__all__ = ["routed_paths", "sent_path"]

# What may stand unencoded in a path (RFC 3986 §3.3).
_PATH_SAFE: Final = "/:@!$&'()*+,;=-._~"


def routed_paths(scope: Scope) -> tuple[str, ...]:
    """The path that the route was found with, decoded, below what the app is mounted under.

    For something mounted in the app, Litestar has cut off where; if that is at several places, these
    are all the paths that the request may be for.
    """
    path: str = scope["path"]
    handler = scope.get("route_handler")
    if not getattr(handler, "is_mount", False):
        return (path,)
    mounts = [
        route.path
        for route in scope["litestar_app"].routes
        if getattr(route, "route_handler", None) is handler
    ]
    return tuple(normalize_path(f"{mount}/{path}") for mount in mounts)


def sent_path(scope: Scope) -> str:
    """The whole path, percent-encoded as sent.

    Litestar's router takes off what the app is mounted under, doubled slashes and the last one.
    ``raw_path`` still has them, but counts only if it spells the path that the route was found with:
    a middleware that rewrites ``path`` may have left it behind.
    """
    root = scope.get("root_path", "").rstrip("/")
    routed = routed_paths(scope)
    raw = scope.get("raw_path")
    if raw:
        sent: str = raw.decode("latin-1").partition("?")[0]
        if "%" not in sent and not root and routed == (sent,):
            return sent
        wanted = {normalize_path(root + path) for path in routed}
        for candidate in (sent, quote(root, safe=_PATH_SAFE) + sent):
            if normalize_path(unquote(candidate)) in wanted:
                return candidate
    return quote(normalize_path(root + routed[0]), safe=_PATH_SAFE)
