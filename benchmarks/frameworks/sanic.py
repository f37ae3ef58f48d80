"""Sanic, on its own server and by ASGI."""

from __future__ import annotations

import asyncio
from functools import partial
from itertools import count
from typing import Any

from benchmarks.frameworks._common import ANSWER, Ask, Framework, over_asgi, over_protocol
from sanic import HTTPResponse, Request, Sanic, json
from sanic.server import HttpProtocol

from authwire import AuthConfig
from authwire.integrations.sanic import SanicAuth

__all__ = ["FRAMEWORKS"]

_NUMBERS = count(1)


def build(config: AuthConfig | None) -> Sanic[Any, Any]:
    app = Sanic(f"overhead_{next(_NUMBERS)}", configure_logging=False)
    app.config.MOTD = False
    app.config.ACCESS_LOG = False
    app.config.TOUCHUP = False  # it rewrites Sanic itself, for one app in a process
    if config is not None:
        auth = SanicAuth(config, app)

        @app.get("/protected")
        @auth.required
        async def protected(request: Request[Any, Any]) -> HTTPResponse:
            return json({"user": auth.current_session(request).data["user"]})

    @app.get("/open")
    async def open_(request: Request[Any, Any]) -> HTTPResponse:
        return json(ANSWER)

    return app


def serving(app: Sanic[Any, Any]) -> Ask:
    async def connect() -> asyncio.Protocol:
        if not app.state.is_started:
            await app._startup()
        protocol: asyncio.Protocol = HttpProtocol(loop=asyncio.get_running_loop(), app=app)
        return protocol

    return over_protocol(connect)


FRAMEWORKS = {
    "sanic": Framework("Sanic", build, serving),
    "sanic-asgi": Framework("Sanic, ASGI", build, partial(over_asgi, lifespan=True)),
}
