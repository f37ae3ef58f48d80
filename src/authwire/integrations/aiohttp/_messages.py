"""What goes between aiohttp's requests and answers and Authwire's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import suppress
from contextvars import ContextVar
from itertools import takewhile
from typing import Any, Final, TypeAlias, TypeVar
from urllib.parse import unquote

from aiohttp import web
from aiohttp.abc import AbstractView

from authwire.auth import Auth
from authwire.http import MAX_BODY_BYTES, Headers
from authwire.http import Request as AuthRequest
from authwire.http import Response as AuthResponse
from authwire.integrations._visit import Handshake, Visit

__all__ = [
    "Unasked",
    "guard_view",
    "path_in_app",
    "read_request",
    "refuse",
    "request_in",
    "request_of",
    "to_exception",
    "to_response",
    "visits_of",
]

R = TypeVar("R", bound=web.Response)


class Unasked:
    """Stands for the visit of a request, or a clone of it, whose session nobody has asked for yet."""

    __slots__ = ("carried", "request")

    def __init__(self, request: web.Request) -> None:
        self.request: web.Request | None = request
        self.carried = True
        """Whether somebody will send the cookies of the visit."""

    def close(self) -> None:
        """The answer begins: it is too late for cookies."""
        self.carried = False
        self.request = None  # which holds this; a circle would wait for the garbage collector


_Visits: TypeAlias = dict[Auth[Any], Visit[Any] | Unasked]

# Older releases have no keys of their own for requests.
_KEY: Final[Any] = web.RequestKey("authwire", dict) if hasattr(web, "RequestKey") else "authwire"
_LATEST: ContextVar[tuple[web.UrlMappingMatchInfo, _Visits]] = ContextVar("authwire_visits")
"""The visits of the request that this task serves. A middleware may go on with a clone of the request,
and what is kept in the clone is not found in the request that the answer is prepared for."""
_ERRORS: Final[Mapping[int, type[web.HTTPException]]] = {
    error.status_code: error
    for error in (web.HTTPBadRequest, web.HTTPUnauthorized, web.HTTPForbidden)
}


def request_of(
    request: web.Request, body: bytes = b"", *, native: web.Request | None = None
) -> AuthRequest:
    """A request of aiohttp as Authwire's, with the path as it was sent."""
    return AuthRequest(
        method=request.method,
        path=request.rel_url.raw_path,
        scheme=request.scheme,
        host=request.host,
        query_string=request.rel_url.raw_query_string,
        headers=Headers.of_bytes(request.raw_headers),
        body=body,
        client=request.remote,
        native=native or request,
    )


def to_response(response: AuthResponse) -> web.Response:
    """Authwire's answer as aiohttp's, cookies and all."""
    return _filled(web.Response(status=response.status), response)


def to_exception(response: AuthResponse) -> web.HTTPException | None:
    """Authwire's answer as an exception to raise, so that middlewares see it; None if none is like it."""
    if response.status == 302 and response.location:
        return _filled(web.HTTPFound(response.location), response)
    error = _ERRORS.get(response.status)
    return None if error is None else _filled(error(), response)


def _filled(native: R, response: AuthResponse) -> R:
    native.headers.clear()
    native.headers.extend(response.wire_headers())
    native.body = response.body
    return native


def visits_of(request: web.Request) -> _Visits:
    """What this request, and clones of it, have as visits."""
    visits: _Visits | None = request.get(_KEY)
    if visits is None:
        latest = _LATEST.get(None)
        same = latest is not None and latest[0] is request.match_info  # clones share it
        visits = latest[1] if latest is not None and same else {}
        request[_KEY] = visits
        _LATEST.set((request.match_info, visits))
    return visits


def path_in_app(request: web.Request) -> str:
    """The decoded path below what ``request.app`` is mounted under."""
    for outer in takewhile(lambda app: app is not request.app, request.match_info.apps):
        for resource in outer.router.resources():
            info = resource.get_info()
            if info.get("app") is request.app:
                return request.path.removeprefix(unquote(info.get("prefix", "")))
    return request.path


def refuse(visit: Visit[Any], refusal: AuthResponse) -> web.Response:
    """The refusal, raised if aiohttp has an exception like it."""
    if isinstance(visit, Handshake):
        raise web.HTTPForbidden
    error = to_exception(refusal)
    if error is not None:
        raise error
    return to_response(refusal)


def guard_view(view: type[Any], stop: Callable[[web.Request], Awaitable[Any]]) -> None:
    """Have ``view`` ask before any of its methods. In place: a subclass would break its super()."""
    if not issubclass(view, AbstractView):
        raise TypeError(f"{view.__name__} is no web.View")
    dispatch = view.__await__

    def guarded(self: AbstractView) -> Generator[Any, None, web.StreamResponse]:
        refusal = yield from stop(self.request).__await__()
        return refusal if refusal is not None else (yield from dispatch(self))

    setattr(view, "__await__", guarded)  # noqa: B010  # type checkers know no other way


def request_in(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> web.Request:
    """The request among a handler's arguments. Raises TypeError if there is none."""
    for value in (*args, *kwargs.values()):
        if isinstance(value, web.Request):
            return value
        if isinstance(value, AbstractView):
            return value.request
    raise TypeError("a handler that needs a session must take the request")


async def read_request(request: web.Request) -> AuthRequest:
    """The whole request.

    Raises:
        HTTPRequestEntityTooLarge: if the body is over `MAX_BODY_BYTES`, or over the app's
            ``client_max_size``.
    """
    limit = min(request.client_max_size or MAX_BODY_BYTES, MAX_BODY_BYTES)
    length = request.content_length or 0
    if length > limit:
        raise web.HTTPRequestEntityTooLarge(limit, length)
    native = request
    if limit != request.client_max_size:
        with suppress(RuntimeError):  # a middleware has read it already, whatever its length
            native = request.clone(client_max_size=limit)
    body = await native.read()
    if len(body) > limit:
        raise web.HTTPRequestEntityTooLarge(limit, len(body))
    # Not of the clone: it has forgotten what a middleware said of the scheme and the host.
    return request_of(request, body, native=native)
