from __future__ import annotations

from benchmarks.frameworks._common import ANSWER, Framework, over_asgi
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from authwire import AuthConfig
from authwire.integrations.starlette import StarletteAuth

__all__ = ["FRAMEWORKS"]


async def _open(request: Request) -> JSONResponse:
    return JSONResponse(ANSWER)


def build(config: AuthConfig | None) -> Starlette:
    if config is None:
        return Starlette(routes=[Route("/open", _open)])
    auth = StarletteAuth(config)

    @auth.required
    async def protected(request: Request) -> JSONResponse:
        session = await auth.session(request)
        return JSONResponse({"user": session.data["user"] if session else None})

    return Starlette(
        routes=[
            Mount("/auth", routes=auth.routes, name="auth"),
            Route("/open", _open),
            Route("/protected", protected),
        ],
        middleware=[auth.middleware()],
    )


FRAMEWORKS = {"starlette": Framework("Starlette", build, over_asgi)}
