"""Asking for a profile where the API speaks GraphQL only."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from authwire.models import TokenSet
from authwire.ports import Http
from authwire.protocol.oauth2 import build_userinfo_request, process_userinfo_response
from authwire.providers._types import OAuth2

__all__ = ["graphql"]


def graphql(query: str) -> Callable[[Http, TokenSet, OAuth2[Any]], Awaitable[Any]]:
    """Hook ``fetch_profile``: POST ``query`` to ``userinfo``. The profile is the whole answer.

    GraphQL tells errors with status 200 and without data, so the mapper then finds no account id.
    """
    body = json.dumps({"query": query}).encode()

    async def fetch(http: Http, tokens: TokenSet, provider: OAuth2[Any]) -> Any:
        request = build_userinfo_request(
            provider.userinfo or "", access_token=tokens.access_token or ""
        )
        headers = (*request.headers, ("content-type", "application/json"))
        response = await http.send(replace(request, method="POST", headers=headers, body=body))
        return process_userinfo_response(response, expected_sub=None)

    return fetch
