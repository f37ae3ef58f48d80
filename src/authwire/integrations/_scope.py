"""What the ASGI integrations keep in the scope."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeAlias, cast

from authwire.auth import Auth
from authwire.http import Response
from authwire.integrations._visit import Visit
from authwire.models import U
from authwire.runtime.asgi import Message, Receive, Scope, Send, send_response

__all__ = ["KEY", "added_to", "carrying", "publish", "refuse", "seen", "visit_in"]

KEY = "authwire"
RawHeaders: TypeAlias = Iterable[tuple[bytes, bytes]]
# What `Visit.fields` looks at.
_TELLING: Final = {name.encode(): name for name in ("cache-control", "set-cookie", "vary")}


def seen(scope: Scope) -> Scope:
    """``scope`` as it is now, for a visit to make its request of when somebody asks.

    Without the state, which keeps the visit: such a circle would be left to the garbage collector, one
    for each request.
    """
    return {key: value for key, value in scope.items() if key != "state"}


def publish(scope: Scope, visit: Visit[Any]) -> None:
    """Let the app find ``visit``: as ``scope["authwire"]`` and as ``request.state.authwire``."""
    scope[KEY] = visit
    scope.setdefault("state", {})[KEY] = visit


def visit_in(scope: Scope, auth: Auth[U]) -> Visit[U] | None:
    """The visit of this request, if somebody made one for ``auth``."""
    visit = scope.get(KEY)
    if isinstance(visit, Visit) and visit.auth is auth:
        return cast("Visit[U]", visit)
    return None


def carrying(send: Send, visit: Visit[Any]) -> Send:
    """``send``, which puts the visit's cookies on the start of the answer."""

    async def send_with_cookies(message: Message) -> None:
        if visit.touched and message["type"] == "http.response.start":
            raw = list(message.get("headers", ()))
            message = {**message, "headers": raw + added_to(raw, visit)}
        await send(message)

    return send_with_cookies


def added_to(raw: RawHeaders, visit: Visit[Any]) -> list[tuple[bytes, bytes]]:
    """The header fields that the visit adds to an answer which has ``raw`` already."""
    telling = [
        (name, value.decode("latin-1"))
        for key, value in raw
        if (name := _TELLING.get(key.lower())) is not None
    ]
    return [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in visit.fields(telling)
    ]


async def refuse(scope: Scope, receive: Receive, send: Send, response: Response) -> None:
    """Answer with ``response``; a WebSocket is closed before it opens, which servers make a 403."""
    if scope["type"] == "http":
        await send_response(send, response)
        return
    message = await receive()
    if message["type"] == "websocket.connect":
        await send({"type": "websocket.close", "code": 1008})
