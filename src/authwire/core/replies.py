"""The three kinds of answer: a redirect, JSON, or "bad request"."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from authwire.http import Response
from authwire.protocol.encoding import json_text

__all__ = ["NO_STORE", "bad_request", "json_response", "redirect"]

NO_STORE: Final = (
    ("cache-control", "private, no-cache, no-store"),
    ("expires", "0"),
    ("pragma", "no-cache"),
)
"""For answers that hold a token or tell who is signed in."""
_JSON: Final = (("content-type", "application/json"),)
_JSON_NO_STORE: Final = _JSON + NO_STORE
# Every printable ASCII character: what is there stays as written, the rest is percent-encoded.
_AS_WRITTEN: Final = "".join(map(chr, range(0x21, 0x7F)))


def json_response(data: Any, *, status: int = 200, no_store: bool = False) -> Response:
    """``data`` as JSON; ``no_store`` keeps it out of every cache."""
    return Response(
        status=status, headers=_JSON_NO_STORE if no_store else _JSON, body=json_text(data)
    )


def redirect(url: str) -> Response:
    """302 to ``url``; what is not ASCII is percent-encoded (RFC 3986 §2.1)."""
    location = quote(url.encode("utf-8", "replace"), safe=_AS_WRITTEN)
    return Response(status=302, headers=(("location", location),))


def bad_request() -> Response:
    """For a request that names no action of ours."""
    return json_response("Bad request.", status=400)
