"""Django's requests and answers ↔ `Request` and `Response`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from http.cookies import Morsel
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode

from django.conf import settings  # type: ignore[import-untyped]  # Django has no types
from django.core.handlers.asgi import ASGIRequest  # type: ignore[import-untyped]  # as above
from django.http import HttpResponse  # type: ignore[import-untyped]  # as above
from django.http.request import RawPostDataException  # type: ignore[import-untyped]  # as above
from django.utils.cache import patch_vary_headers  # type: ignore[import-untyped]  # as above

from authwire.http import MAX_BODY_BYTES, Request, Response
from authwire.integrations._visit import SyncVisit, Visit
from authwire.runtime import asgi, wsgi

__all__ = ["add_fields", "body_of", "is_async", "native_of", "request_of", "to_response"]

# What may stand unencoded in a path (RFC 3986 §3.3).
_PATH_SAFE: Final = "/:@!$&'()*+,;=-._~"


def native_of(request: Any) -> Any:
    """Django's own request, also of one that the REST framework has wrapped."""
    return getattr(request, "_request", request)


def is_async(request: Any) -> bool:
    """Whether the request came by ASGI, so that there is an event loop."""
    return isinstance(request, ASGIRequest)


def request_of(request: Any) -> Request:
    """The `Request`, without its body."""
    asked = (
        asgi.request_of(_scope(request), native=request)
        if is_async(request)
        else wsgi.request_of(request.environ, native=request, body=b"")
    )
    forced = settings.FORCE_SCRIPT_NAME
    if forced:  # a proxy took it away
        path = quote(forced.rstrip("/") + request.path_info, safe=_PATH_SAFE)
        asked = replace(asked, path=path)
    return asked


def _scope(request: Any) -> asgi.Scope:
    scope: asgi.Scope = request.scope
    query = scope.get("query_string", b"")
    # Django's own test client sends text.
    return {**scope, "query_string": query.encode()} if isinstance(query, str) else scope


def body_of(request: Any) -> bytes | None:
    """The body, also if a middleware has read the form before.

    None if it is over `MAX_BODY_BYTES`, or its length is no number.
    """
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
            return None
    except ValueError:
        return None
    try:
        body: bytes = request.body
    except RawPostDataException:
        body = urlencode([(k, v) for k, vs in request.POST.lists() for v in vs]).encode()
    return body if len(body) <= MAX_BODY_BYTES else None


def to_response(response: Response) -> Any:
    """Authwire's answer as Django's ``HttpResponse``, cookies and all."""
    native = HttpResponse(response.body, status=response.status)
    del native["Content-Type"]
    for name, value in response.headers:
        native[name] = value
    for cookie in response.cookies:
        _set_cookie(native, cookie.header())
    return native


def add_fields(response: Any, visit: Visit[Any] | SyncVisit[Any]) -> None:
    """Put the visit's cookies on an answer of the app."""
    for name, value in visit.fields(_fields(response)):
        if name == "set-cookie":
            _set_cookie(response, value)
        elif name == "vary":
            patch_vary_headers(response, [value])
        else:
            response[name] = value


def _fields(response: Any) -> Iterator[tuple[str, str]]:
    """What an answer has already."""
    for name, value in response.items():
        yield name.lower(), value
    for morsel in response.cookies.values():
        yield "set-cookie", morsel.OutputString()


class _Cookie(Morsel[str]):
    """A cookie that goes out as Authwire wrote it, unless a middleware changes an attribute."""

    def __init__(self, header: str) -> None:
        super().__init__()
        pair, *attributes = header.split("; ")
        name, _, value = pair.partition("=")
        self.set(name, unquote(value), value)
        for attribute in attributes:
            key, separator, text = attribute.partition("=")
            self[key.lower()] = text if separator else True
        self._header = header
        self._written = dict(self)

    def OutputString(self, attrs: Any = None) -> str:  # noqa: N802  # its name in the standard library
        if attrs is None and dict(self) == self._written:
            return self._header
        return super().OutputString(attrs)

    def output(self, attrs: Any = None, header: str = "Set-Cookie:") -> str:
        # Under WSGI, Django asks for it without a header, and would get a blank in front.
        return super().output(attrs, header).strip()


def _set_cookie(response: Any, header: str) -> None:
    """Django keeps cookies apart from the other fields, as ``http.cookies`` does."""
    cookie = _Cookie(header)
    response.cookies[cookie.key] = cookie
