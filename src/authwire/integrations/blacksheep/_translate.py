"""BlackSheep's request and response ↔ ours, and the visit of a request."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Final, cast

from blacksheep import Content, Request, Response
from blacksheep.contents import ASGIContent
from blacksheep.exceptions import Unauthorized

from authwire.auth import Auth
from authwire.http import MAX_BODY_BYTES
from authwire.http import Response as AuthResponse
from authwire.integrations._scope import KEY
from authwire.integrations._visit import Visit
from authwire.models import U
from authwire.runtime.asgi import Scope

__all__ = ["CURRENT", "SignInRequired", "body_of", "native_of", "to_response", "visit_of"]

CURRENT: Final[ContextVar[Visit[Any] | None]] = ContextVar("authwire", default=None)
"""For handlers that do not take the request."""


class SignInRequired(Unauthorized):
    """Nobody is signed in.

    Browsers are sent to the sign-in page and come back afterwards; programs get 401. An exception
    handler of the app for `Unauthorized` or for 401 answers in their place.
    """

    def __init__(self) -> None:
        super().__init__("Not authenticated")


def to_response(response: AuthResponse) -> Response:
    """Authwire's answer as BlackSheep's, cookies and all."""
    fields = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in response.wire_headers()]
    kind = next((value for name, value in fields if name == b"content-type"), None)
    # BlackSheep adds the content type itself when it sends the body.
    headers = [field for field in fields if field[0] != b"content-type"]
    content = Content(kind, response.body) if kind is not None else None
    return Response(response.status, headers, content)


def native_of(scope: Scope) -> Request:
    """BlackSheep's request, without the body."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"")
    request = Request.incoming(scope.get("method", "GET"), path, query, list(scope["headers"]))
    request.scope = cast("Any", scope)
    return request


async def body_of(request: Request) -> bytes | None:
    """The body, also if something before us has read it; None if it is too large."""
    length = request.get_first_header(b"content-length") or b"0"
    if not length.isdigit() or int(length) > MAX_BODY_BYTES:
        return None
    content: Any = request.content
    if not isinstance(content, ASGIContent) or getattr(content, "body", None) is not None:
        body = await request.read() or b""
        return body if len(body) <= MAX_BODY_BYTES else None
    read = bytearray()
    async for chunk in content.stream():
        read += chunk
        if len(read) > MAX_BODY_BYTES:
            return None
    return bytes(read)


def visit_of(request: Request | None, auth: Auth[U] | None = None) -> Visit[U]:
    """The visit of ``request``, or of whatever request is handled now.

    Raises:
        LookupError: if there is none, or another's.
    """
    scope = getattr(request, "scope", None)
    visit = scope.get(KEY) if scope else CURRENT.get()
    if not isinstance(visit, Visit) or (auth is not None and visit.auth is not auth):
        raise LookupError("no session here: call auth.use(app)")
    return cast("Visit[U]", visit)
