"""A WebSocket client of a few lines."""

from __future__ import annotations

from typing import Any

from authwire.runtime.asgi import ASGIApp, Message, Scope


def handshake(path: str, **headers: str) -> Scope:
    fields = {"host": "localhost", **headers}
    return {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(k.encode(), v.encode()) for k, v in fields.items()],
        "client": ("127.0.0.1", 5000),
        "server": ("localhost", 80),
        "subprotocols": [],
        "state": {},
    }


async def connect(app: ASGIApp, scope: Scope) -> list[dict[str, Any]]:
    """What the app sends to somebody who connects and hangs up."""
    sent: list[dict[str, Any]] = []
    waiting: list[Message] = [
        {"type": "websocket.connect"},
        {"type": "websocket.disconnect", "code": 1000},
    ]

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(dict(message))

    await app(scope, receive, send)
    return sent
