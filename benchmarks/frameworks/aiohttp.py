"""aiohttp has only its own server."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web
from benchmarks.frameworks._common import ANSWER, Ask, Framework, over_protocol

from authwire import AuthConfig
from authwire.integrations.aiohttp import AioHttpAuth

__all__ = ["FRAMEWORKS"]


async def _open(request: web.Request) -> web.Response:
    return web.json_response(ANSWER)


def build(config: AuthConfig | None) -> web.Application:
    app = web.Application()
    if config is not None:
        auth = AioHttpAuth(config)
        auth.setup(app)

        @auth.required
        async def protected(request: web.Request) -> web.Response:
            session = await auth.session(request)
            return web.json_response({"user": session.data["user"] if session else None})

        app.router.add_get("/protected", protected)
    app.router.add_get("/open", _open)
    return app


def serving(app: web.Application) -> Ask:
    runner = web.AppRunner(app, access_log=None)

    async def connect() -> asyncio.Protocol:
        if runner.server is None:
            await runner.setup()
        server: Any = runner.server
        protocol: asyncio.Protocol = server()
        return protocol

    return over_protocol(connect)


FRAMEWORKS = {"aiohttp": Framework("aiohttp", build, serving)}
