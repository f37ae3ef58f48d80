"""The parity rig's app as a FastAPI app: routes by the router, everything else by handlers.

Run like `app.py`: ``scripts/parity fastapi``.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import uvicorn
from app import LATE, MAX_HEADER_BYTES, RigApp
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from rig_state import REQUEST
from starlette.types import ASGIApp, Receive, Scope, Send

from authwire import AuthError
from authwire import Request as AuthRequest
from authwire.integrations.fastapi import FastAPIAuth
from authwire.integrations.starlette import to_response
from authwire.runtime.asgi import read_body, request_of


class RigMiddleware:
    """Does before the routes what the rig's callbacks and its browser run need."""

    def __init__(self, app: ASGIApp, rig: RigApp) -> None:
        self._app = app
        self._rig = rig

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self._rig.mount):
            await self._app(scope, receive, send)
            return
        body = await read_body(receive)
        request = request_of(scope, body)
        if self._rig.browser_run and (request.headers.get("referer") or "").endswith("/?form=1"):
            self._rig.browser_run = False
            await asyncio.sleep(LATE)
        REQUEST.set(request)
        messages = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def again() -> dict[str, object]:
            return next(messages, None) or dict(await receive())

        await self._app(scope, again, send)


def fastapi_app(rig: RigApp) -> FastAPI:
    auth = FastAPIAuth(rig.auth)
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.add_middleware(RigMiddleware, rig=rig)
    app.include_router(auth.router)

    async def whole(request: Request) -> AuthRequest:
        return replace(auth.visit(request).request, body=await request.body())

    @app.get("/bare")
    async def bare() -> dict[str, bool]:
        return {"ok": True}

    @app.get("/protected")
    async def protected(request: Request) -> Response:
        try:
            session = await auth.session(request)
        except AuthError:
            return JSONResponse({"error": "express"}, 500)  # what the recorded server says
        if session is None:
            return JSONResponse({"error": "Unauthorized"}, 401)
        return JSONResponse({"user": session.data["user"]})

    @app.api_route("/__rig/{name}", methods=["GET", "POST"])
    async def control(request: Request) -> Response:
        return to_response(rig.control(await whole(request)))

    @app.exception_handler(404)
    @app.exception_handler(405)
    async def not_found(_request: Request, _exc: Exception) -> Response:
        return JSONResponse({"error": "Not Found"}, 404)

    return app


def main() -> None:
    port = int(os.environ.get("PORT", "4002"))
    rig = RigApp(os.environ.get("VARIANT", "jwt"), port, os.environ["RIG_HOME"])
    uvicorn.run(
        fastapi_app(rig),
        host="127.0.0.1",
        port=port,
        http="h11",
        loop="asyncio",
        lifespan="off",
        proxy_headers=False,
        access_log=False,
        log_level="warning",
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
    )


if __name__ == "__main__":
    main()
