"""Authwire's middleware around a bare ASGI app, and the app without it."""

from __future__ import annotations

import json
import logging
import os
from typing import Any

from benchmarks import sample

from authwire import Auth
from authwire.integrations.asgi import AuthMiddleware

logging.disable(logging.CRITICAL)


async def _send_json(send: Any, status: int, data: Any) -> None:
    body = json.dumps(data).encode()
    length = str(len(body)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def bare(scope: Any, receive: Any, send: Any) -> None:
    await _send_json(send, 200, {"user": sample.PUBLIC})


async def protected(scope: Any, receive: Any, send: Any) -> None:
    session = await scope["authwire"].session()
    if session is None:
        await _send_json(send, 401, {"error": "Unauthorized"})
    else:
        await _send_json(send, 200, {"user": session.data["user"]})


_guarded = AuthMiddleware(protected, Auth(sample.config_for(os.environ["STRATEGY"]), environ={}))


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await (bare if scope["path"] == "/bare" else _guarded)(scope, receive, send)
