"""Pyramid's request and response ↔ ours."""

from __future__ import annotations

from typing import Any, cast

from pyramid.response import Response  # type: ignore[import-untyped]  # Pyramid has no types

from authwire.http import MAX_BODY_BYTES
from authwire.http import Response as AuthResponse

__all__ = ["body_of", "to_response"]


def to_response(response: AuthResponse) -> Response:
    """Authwire's answer as Pyramid's, cookies and all."""
    fields = [(name.title(), value) for name, value in response.wire_headers()]
    return Response(body=response.body, status=response.status, headerlist=fields)


def body_of(request: Any) -> bytes | None:
    """The body; None if it is too large."""
    if (request.content_length or 0) > MAX_BODY_BYTES:
        return None
    if request.content_length is None and request.is_body_readable:
        body = request.body_file_raw.read(MAX_BODY_BYTES + 1)  # chunked: its length is not known
        return body if len(body) <= MAX_BODY_BYTES else None
    return cast("bytes", request.body)
