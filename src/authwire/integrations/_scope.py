"""What the ASGI integrations keep in the scope."""

from __future__ import annotations

from typing import Any, cast

from authwire.auth import Auth
from authwire.http import Headers, Response
from authwire.integrations._visit import Visit
from authwire.models import U
from authwire.runtime.asgi import Message, Receive, Scope, Send, send_response

__all__ = ["KEY", "carrying", "publish", "refuse", "visit_in"]

KEY = "authwire"


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
        if message["type"] == "http.response.start":
            raw = list(message.get("headers", ()))
            sent = Headers((k.decode("latin-1"), v.decode("latin-1")) for k, v in raw)
            added = [
                (name.encode("latin-1"), value.encode("latin-1"))
                for name, value in visit.fields(sent)
            ]
            message = {**message, "headers": raw + added}
        await send(message)

    return send_with_cookies


async def refuse(scope: Scope, receive: Receive, send: Send, response: Response) -> None:
    """Answer with ``response``; a WebSocket is closed before it opens, which servers make a 403."""
    if scope["type"] == "http":
        await send_response(send, response)
        return
    message = await receive()
    if message["type"] == "websocket.connect":
        await send({"type": "websocket.close", "code": 1008})
