"""What several providers do in a way of their own: profile requests and token responses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from authwire.http import HttpRequest, HttpResponse
from authwire.models import TokenSet
from authwire.ports import Http
from authwire.protocol.encoding import json_object
from authwire.protocol.oauth2 import build_userinfo_request, process_userinfo_response
from authwire.protocol.urls import require_https

__all__ = ["ask", "ask_by_query", "bearer_if_missing", "reshape"]


async def ask(
    http: Http,
    url: str | None,
    tokens: TokenSet,
    *,
    scheme: str = "Bearer",
    headers: Iterable[tuple[str, str]] = (),
) -> dict[str, Any]:
    """The JSON object at ``url``.

    Args:
        http: the way out.
        url: https.
        tokens: of this sign-in.
        scheme: what stands before the access token where it is not ``Bearer`` (RFC 6750 §2.1).
        headers: more header fields.

    Raises:
        ProtocolError: on a status other than 200, or if it is no JSON object.
    """
    token = tokens.access_token or ""
    request = build_userinfo_request(url or "", access_token=token)
    fields = {**dict(request.headers), "authorization": f"{scheme} {token}", **dict(headers)}
    response = await http.send(replace(request, headers=tuple(fields.items())))
    return process_userinfo_response(response, expected_sub=None)


async def ask_by_query(http: Http, url: str | None, query: Mapping[str, str]) -> dict[str, Any]:
    """The JSON object at ``url`` for a provider that takes the access token in the query only.

    Raises:
        ProtocolError: on a status other than 200, or if it is no JSON object.
    """
    endpoint = require_https(url or "", "the userinfo endpoint")
    headers = (("accept", "application/json"),)
    request = HttpRequest(method="GET", url=f"{endpoint}?{urlencode(query)}", headers=headers)
    return process_userinfo_response(await http.send(request), expected_sub=None)


def reshape(
    response: HttpResponse, change: Callable[[dict[str, Any]], Mapping[str, Any]]
) -> HttpResponse:
    """``response`` with another JSON object in it; as it was if it holds none."""
    try:
        body = json_object(response.body)
    except ValueError:
        return response  # whoever reads it next says what is wrong
    return replace(response, body=json.dumps(change(body)).encode())


def bearer_if_missing(response: HttpResponse) -> HttpResponse:
    """Hook ``conform_token``: a token response without the ``token_type`` that RFC 6749 §5.1 wants.

    Where none is documented the token is used as a bearer token.
    """
    return reshape(
        response, lambda body: {**body, "token_type": body.get("token_type") or "bearer"}
    )
