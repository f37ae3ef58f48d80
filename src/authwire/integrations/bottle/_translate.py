"""Bottle's request and response ↔ ours."""

from __future__ import annotations

from typing import Any, cast

from bottle import (  # type: ignore[import-untyped]  # Bottle has no types
    HTTPError,
    HTTPResponse,
    Request,
)
from bottle import request as bottle_request

from authwire.http import MAX_BODY_BYTES
from authwire.http import Request as AuthRequest
from authwire.http import Response as AuthResponse
from authwire.runtime.wsgi import Environ, request_of

__all__ = ["body_of", "current", "decoded", "to_request", "to_response"]

current: Any = bottle_request  # what type checkers guess of its properties is wrong


def to_response(response: AuthResponse) -> HTTPResponse:
    """Authwire's answer as Bottle's, to return or to raise."""
    body: Any = response.body
    return HTTPResponse(body, response.status, response.wire_headers())


def to_request(environ: Environ, *, body: bytes) -> AuthRequest:
    """The `Request`, with the path as Bottle's routes see it.

    Bottle has decoded it, and leaves out what is no UTF-8: ``/va%FFult`` is ``/vault``.
    """
    path = environ["PATH_INFO"].encode("utf-8").decode("latin-1")
    bound = environ.get("bottle.request")
    native = Request(environ)  # not the global one, which other threads cannot read
    environ["bottle.request"] = bound
    return request_of({**environ, "PATH_INFO": path}, native=native, body=body)


def body_of(environ: Environ) -> bytes | None:
    """The body, also if something before us has read it; None if it is too large."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return None
    if length > MAX_BODY_BYTES:
        return None
    if length > 0:
        return cast("bytes", current.body.read())
    if not environ.get("wsgi.input_terminated"):
        return b""
    # Chunked: its length is not known before.
    body: bytes = environ["wsgi.input"].read(MAX_BODY_BYTES + 1)
    return body if len(body) <= MAX_BODY_BYTES else None


def decoded(form: Any) -> dict[str, Any]:
    """Bottle's form fields as text; Bottle hands over the bytes of UTF-8 as latin-1."""
    try:
        return dict(form.decode())
    except UnicodeError as exc:
        raise HTTPError(400, "The form is not UTF-8.") from exc
