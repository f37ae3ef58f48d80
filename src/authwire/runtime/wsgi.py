"""WSGI ↔ `Request` and `Response` (PEP 3333). Every WSGI integration goes through here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, TypeAlias
from urllib.parse import quote

from authwire.http import MAX_BODY_BYTES, Headers, Request, Response

__all__ = ["Environ", "StartResponse", "WSGIApp", "request_of", "start", "wsgi_app"]

Environ: TypeAlias = dict[str, Any]
StartResponse: TypeAlias = Callable[..., Any]
WSGIApp: TypeAlias = Callable[[Environ, StartResponse], Iterable[bytes]]

_PATH_SAFE = "/:@!$&'()*+,;=-._~"
_PLAIN = re.compile(rf"[A-Za-z0-9{re.escape(_PATH_SAFE)}]*\Z")


def request_of(environ: Environ, *, native: Any = None, body: bytes | None = None) -> Request:
    """The `Request` of a WSGI environment.

    Raises:
        ValueError: if the body is over `MAX_BODY_BYTES` or its length is no number.
    """
    return Request(
        method=environ["REQUEST_METHOD"],
        path=_path(environ),
        scheme=environ.get("wsgi.url_scheme", "http"),
        host=environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}",
        query_string=environ.get("QUERY_STRING", ""),
        headers=Headers.of_environ(environ),
        body=_body(environ) if body is None else body,
        client=environ.get("REMOTE_ADDR"),
        native=native,
    )


def _path(environ: Environ) -> str:
    """Script name and path; WSGI hands them over decoded to latin-1, so they are encoded again."""
    raw = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    return raw if _PLAIN.match(raw) else quote(raw.encode("latin-1", "replace"), safe=_PATH_SAFE)


def _body(environ: Environ) -> bytes:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > MAX_BODY_BYTES:
        raise ValueError("the request body is too large")
    body: bytes = environ["wsgi.input"].read(length) if length > 0 else b""
    return body


def start(start_response: StartResponse, response: Response) -> list[bytes]:
    """Begin ``response`` and return its body."""
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = ""
    fields = [(name.title(), value) for name, value in response.wire_headers()]
    fields.append(("Content-Length", str(len(response.body))))
    start_response(f"{response.status} {phrase}", fields)
    return [response.body]


def wsgi_app(handle: Callable[[Request], Response]) -> WSGIApp:
    """A WSGI app that answers every request with ``handle``."""

    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            request = request_of(environ)
        except ValueError:
            return start(start_response, Response(status=413))
        return start(start_response, handle(request))

    return app
