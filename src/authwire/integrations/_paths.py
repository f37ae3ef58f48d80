"""Which requests are for the routes of Authwire, and which paths only signed-in people may see."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from authwire.core.engine import Engine
from authwire.core.route import route
from authwire.core.urls import has_control_characters, is_http_url
from authwire.errors import UnknownAction
from authwire.http import Request

__all__ = ["Gate", "Paths", "is_below", "is_ours", "matcher", "spellings", "spelt", "with_next"]

Paths: TypeAlias = Sequence[str | re.Pattern[str]] | Callable[[Request], bool]
"""Path patterns, or a function that tells by the request. In a pattern ``*`` stands for one segment
or a part of one, ``**`` for any number; at the end ``/*`` means the folder and all below it. A
compiled regular expression is matched from the start."""

# Nothing here that could be spelt in another way.
_PLAIN: Final = re.compile(r"(/[A-Za-z0-9_~\-][A-Za-z0-9._~\-]*)+\Z")
_MAX_DECODINGS: Final = 4
# What may stand unencoded in a path (RFC 3986 §3.3).
_PATH_SAFE: Final = "/:@!$&'()*+,;=-._~"


def is_below(path: str, base_path: str) -> bool:
    """Whether ``path`` is ``base_path``, which is not empty, or below it."""
    return path.startswith(base_path) and path[len(base_path) :][:1] in ("", "/")


def is_ours(request: Request, base_path: str) -> bool:
    """Whether the routes of Authwire answer ``request``."""
    if base_path:
        return is_below(request.path, base_path)
    try:
        route(request.method, request.path, base_path)
    except UnknownAction:
        return False
    return True


def with_next(request: Request) -> Request:
    """``request`` with ``?next=``, as login decorators write it, under the name ``callbackUrl``."""
    if request.method != "GET" or not request.query_string:
        return request
    query = request.query
    if "next" not in query or "callbackUrl" in query:
        return request
    fields = [
        (name, value)
        for name, value in parse_qsl(request.query_string, keep_blank_values=True)
        if name != "next"
    ]
    wanted = query["next"]
    if is_http_url(wanted) and not has_control_characters(wanted):
        fields.append(("callbackUrl", wanted))
    return replace(request, query_string=urlencode(fields))


# --- protection ---------------------------------------------------------------------------------


def spellings(path: str) -> tuple[str, ...] | None:
    """The plain paths that routers of any kind may see in ``path``; None if it is too odd to tell.

    Percent-encoding is undone once, as servers do, and again as long as something changes;
    backslashes count as slashes; empty segments, ``.`` and ``..`` are resolved. So ``//admin``,
    ``/./admin``, ``/x/../admin``, ``/%61dmin`` and ``/x%2f..%2fadmin`` all give ``/admin``. Most routers
    leave ``..`` as it is, so the path with it is told too.
    """
    if _PLAIN.match(path):
        return (path,)
    found: list[str] = []
    current = path
    for _ in range(_MAX_DECODINGS):
        decoded = unquote(current)
        if not found or decoded != current:
            found += (_plain(decoded), _plain(decoded, resolve=False))
        if decoded == current:
            return tuple(dict.fromkeys(found))
        current = decoded
    return None


def _plain(path: str, *, resolve: bool = True) -> str:
    segments: list[str] = []
    for segment in path.replace("\\", "/").split("/"):
        if segment == ".." and resolve:
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(segment)
    return "/" + "/".join(segments)


def matcher(paths: Paths, *, any_case: bool) -> Callable[[str, Request], bool]:
    """A function that tells whether a plain path is among ``paths``.

    Raises:
        ValueError: if a pattern does not begin with a slash.
    """
    if callable(paths):
        chosen = paths
        return lambda path, request: bool(chosen(spelt(request, path)))
    if isinstance(paths, str):
        raise TypeError(f"a list of patterns is needed: [{paths!r}]")
    flags = re.IGNORECASE if any_case else 0
    expressions = [
        re.compile(item.pattern, item.flags | flags)
        if isinstance(item, re.Pattern)
        else re.compile(_expression(item), flags)
        for item in paths
    ]
    return lambda path, _: any(expression.match(path) for expression in expressions)


def _expression(pattern: str) -> str:
    if not pattern.startswith("/"):
        raise ValueError(f"a path pattern begins with a slash: {pattern!r}")
    folder = re.match(r"(.*)/\*\*?\Z", pattern, re.DOTALL)
    body = _plain(folder.group(1) if folder else pattern).rstrip("/")
    parts = (
        {"**": ".*", "*": "[^/]*"}.get(part) or re.escape(part)
        for part in re.split(r"(\*\*|\*)", body)
        if part
    )
    return f"(?s:{''.join(parts)}{'(?:/.*)?' if folder else '/?'})\\Z"


class Gate:
    """Path protection.

    It fails closed: a request is stopped if any spelling of its path is protected, whatever the
    case of its letters, and let through as public only if every spelling is, in exact case. The
    routes of Authwire and the app's own pages for signing in are always open.

    Args:
        protect: what to protect; None for nothing.
        public: what of it to leave open.
        routes: where the routes of Authwire are, if not at the base path.
    """

    def __init__(
        self, protect: Paths | None, public: Paths = (), *, routes: str | None = None
    ) -> None:
        self.closed = protect is not None
        self._routes = routes
        self._protect = matcher(() if protect is None else protect, any_case=True)
        self._public = matcher(public, any_case=False)

    def asks(
        self, engine: Engine[Any], request: Request, *paths: str
    ) -> tuple[Request, ...] | None:
        """The requests that the ``authorized`` callback must consent to, every one of them.

        None at all if the path is open. Mostly the request itself; one whose path is spelt in an odd
        way is handed to the callback in plain, so that ``path.startswith("/admin")`` means what it
        says. The answer None means that the path is too odd to be judged: refuse it.

        Args:
            engine: knows the routes and pages that are open.
            request: what is asked for.
            paths: the decoded path as the app's routes see it, where that may differ.
        """
        if not self.closed:
            return ()
        public = spellings(request.path)
        if public is None:
            return None
        plain = list(public)
        for path in paths:
            found = spellings(path.replace("%", "%25"))
            if found is None:
                return None
            plain.extend(found)
        if not any(self._protect(path, request) for path in plain):
            return ()
        if all(self._is_open(engine, path) or self._public(path, request) for path in plain):
            return ()
        if engine.callbacks.authorized is None:
            return (request,)  # only the session counts, and the way back stays as it was sent
        return tuple(spelt(request, path) for path in public)

    def _is_open(self, engine: Engine[Any], path: str) -> bool:
        for root in (engine.base_path, self._routes):
            if root and path.startswith(f"{root}/"):
                return True
        pages = engine.pages
        own = (pages.sign_in, pages.sign_out, pages.error, pages.verify_request)
        return any(
            page is not None and "://" not in page and path == _plain(urlsplit(page).path)
            for page in own
        )


def spelt(request: Request, plain: str) -> Request:
    """``request`` with its path in plain, but for a slash at the end."""
    tail = "/" if plain != "/" and request.path.endswith("/") else ""
    path = quote(plain, safe=_PATH_SAFE) + tail
    return request if path == request.path else replace(request, path=path)
