"""Answers, errors and parameters as RFC 6749 wants them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from authwire.http import Cookie, Request, Response

__all__ = ["EndpointError", "json_response", "laid_over", "posted", "queried", "redirect"]

_NO_STORE: Final = (("cache-control", "no-store"), ("pragma", "no-cache"))


class EndpointError(Exception):
    """An error answer of the token endpoint and its like (RFC 6749 §5.2)."""

    def __init__(
        self,
        error: str,
        description: str,
        *,
        status: int = 400,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status
        self.headers = headers

    def response(self) -> Response:
        body = {"error": self.error, "error_description": self.description}
        return json_response(body, status=self.status, headers=self.headers)


def json_response(
    body: object, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    """JSON that nobody keeps (RFC 6749 §5.1)."""
    fields = (("content-type", "application/json"), *_NO_STORE, *headers)
    return Response(status=status, headers=fields, body=json.dumps(body).encode())


def redirect(url: str, cookies: tuple[Cookie, ...] = ()) -> Response:
    """303, so that a form is never posted on (RFC 9700 §4.12)."""
    return Response(status=303, headers=(("location", url), *_NO_STORE), cookies=cookies)


def laid_over(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` with ``changes``; a change to None takes the field away."""
    merged = {**values, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def queried(request: Request) -> dict[str, str]:
    """The query's parameters.

    Raises:
        EndpointError: if one is repeated.
    """
    return _unique(request.query_string)


def posted(request: Request) -> dict[str, str]:
    """The parameters of a form.

    Raises:
        EndpointError: on another method or content type, or if a parameter is repeated.
    """
    kind = (request.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if request.method != "POST" or kind != "application/x-www-form-urlencoded":
        raise EndpointError("invalid_request", "parameters are posted as a form, and only so")
    return _unique(request.body.decode("utf-8", "replace"))


def _unique(text: str) -> dict[str, str]:
    pairs = parse_qsl(text, keep_blank_values=True)
    values = dict(pairs)
    if len(values) != len(pairs):
        # RFC 6749 §3.1 and §3.2.
        raise EndpointError("invalid_request", "a parameter is repeated")
    # Also there: one without a value counts as not sent.
    return {name: value for name, value in values.items() if value}
