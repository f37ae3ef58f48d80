"""Reading what a provider answers, without trusting a word of it."""

from __future__ import annotations

import codecs
import re
from typing import Any

from authwire.errors import ProtocolError
from authwire.http import HttpResponse
from authwire.protocol.encoding import json_object

__all__ = ["describe_error", "error_answer", "json_answer", "optional_text", "printable", "text"]

_LIMIT = 300
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")
# Codes and tokens are long runs without a space; some providers repeat them in error texts.
_LIKE_A_SECRET = re.compile(r"[A-Za-z0-9_~+/=.\-]{40,}")


def printable(value: object) -> str:
    """Text from outside, fit for a log: ASCII on one line, short, without anything like a token."""
    plain = _UNPRINTABLE.sub("?", str(value)[: 2 * _LIMIT])
    return _LIKE_A_SECRET.sub("[...]", plain)[:_LIMIT]


def json_answer(response: HttpResponse, what: str) -> dict[str, Any]:
    """The JSON object that ``response`` holds, whatever its content type says.

    Raises:
        ProtocolError: if there is none.
    """
    try:
        return json_object(response.body.removeprefix(codecs.BOM_UTF8))
    except ValueError:
        kind = printable(response.headers.get("content-type", "none"))
        message = f"{what} did not answer with a JSON object (content type: {kind})"
        raise ProtocolError(message) from None


def error_answer(response: HttpResponse) -> dict[str, Any] | None:
    """The body, if it is an error of OAuth (RFC 6749 §5.2): an object with a text under ``error``."""
    try:
        body = json_object(response.body.removeprefix(codecs.BOM_UTF8))
    except ValueError:
        return None
    error = body.get("error")
    return body if isinstance(error, str) and error else None


def describe_error(error: object, description: object = None) -> str:
    """An error code and its description as one printable text."""
    return printable(error) + (f": {printable(description)}" if description else "")


def text(body: dict[str, Any], name: str, what: str) -> str:
    """A text that must be there.

    Raises:
        ProtocolError: if it is not, or is empty.
    """
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise ProtocolError(f"{what} has no {name}, or it is no text")
    return value


def optional_text(body: dict[str, Any], name: str, what: str) -> str | None:
    """A text that may be missing; null counts as missing.

    Raises:
        ProtocolError: if it is anything else.
    """
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise ProtocolError(f"{what} has a {name} that is no text")
    return value
