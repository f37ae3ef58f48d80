"""Authwire's answers as Falcon's, for both kinds of app."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

import falcon

from authwire.http import Response as AuthResponse
from authwire.integrations._blueprint import ENDPOINTS, PROVIDER_ENDPOINTS
from authwire.integrations._visit import SyncVisit, Visit

__all__ = ["put", "refusal", "send_cookies", "tail", "templates"]

_LISTED: Final = frozenset({"set-cookie", "vary"})
"""Fields that may be there already and are added to."""


def templates(prefix: str) -> list[str]:
    """The URI templates of the routes."""
    templates = [f"{prefix}/{action}" for action in ENDPOINTS.values()]
    templates += [f"{prefix}/{a}/{{provider}}" for a in PROVIDER_ENDPOINTS.values()]
    return [*templates, f"{prefix}/{{path:path}}"] if prefix else templates  # the root is the app's


def tail(path: str, prefix: str) -> str:
    """What of a decoded path is behind the prefix, encoded again."""
    return quote(path[len(prefix) + 1 :], safe="/~")


def put(resp: falcon.Response, response: AuthResponse) -> None:
    """Make ``resp`` say what ``response`` says, cookies and all."""
    resp.status = response.status
    resp.text = None
    resp.data = response.body
    for name, value in response.wire_headers():
        if name in _LISTED:
            resp.append_header(name, value)
        else:
            resp.set_header(name, value)


def refusal(response: AuthResponse) -> Exception:
    """What to raise for `Auth.unauthenticated`, so that the app's own error handlers see it."""
    headers = dict(response.headers)
    if response.location is not None:
        return falcon.HTTPFound(headers.pop("location"), headers=headers)
    challenge = headers.pop("www-authenticate", None)
    headers.pop("content-type", None)  # the body is Falcon's
    return falcon.HTTPUnauthorized(headers=headers, challenges=[challenge] if challenge else None)


def send_cookies(resp: falcon.Response, visit: Visit[Any] | SyncVisit[Any]) -> None:
    """Put the visit's cookies on the answer."""
    if visit.touched:
        for name, value in visit.fields(_sent(resp)):
            resp.append_header(name, value)


def _sent(resp: falcon.Response) -> list[tuple[str, str]]:
    """All header fields so far; Falcon's own ``headers`` has all but the cookies."""
    fields = list(resp.headers.items())
    fields += resp._extra_headers or ()  # noqa: SLF001  # cookies have no public getter
    names = resp._cookies or ()  # noqa: SLF001  # as above
    return fields + [("set-cookie", f"{name}=") for name in names]
