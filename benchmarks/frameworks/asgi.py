"""Any ASGI app: the "framework" is a function of a few lines."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.frameworks._common import ANSWER, Framework, over_asgi

from authwire import Auth, AuthConfig
from authwire.integrations.asgi import AuthMiddleware, session

__all__ = ["FRAMEWORKS"]


async def _send_json(send: Any, status: int, data: Any) -> None:
    body = json.dumps(data).encode()
    length = str(len(body)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _open(scope: Any, receive: Any, send: Any) -> None:
    await _send_json(send, 200, ANSWER)


def build(config: AuthConfig | None) -> Any:
    if config is None:
        return _open
    auth = Auth(config)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/open":
            await _open(scope, receive, send)
            return
        found = await session(scope, auth)
        if found is None:
            await _send_json(send, 401, {"error": "Unauthorized"})
        else:
            await _send_json(send, 200, {"user": found.data["user"]})

    return AuthMiddleware(app, auth)


FRAMEWORKS = {"asgi": Framework("any ASGI app", build, over_asgi)}
