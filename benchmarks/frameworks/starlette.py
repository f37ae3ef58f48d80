from __future__ import annotations

from functools import partial

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


def build(config: AuthConfig | None, *, identity: bool) -> Starlette:
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
        middleware=[auth.middleware(identity=identity)],
    )


FRAMEWORKS = {
    "starlette": Framework("Starlette", partial(build, identity=True), over_asgi),
    "starlette-lazy": Framework(
        "Starlette, `identity=False`", partial(build, identity=False), over_asgi
    ),
}
