"""The first program of docs/integrations/starlette.md, with all types. Never run: mypy and pyright read it."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.authentication import requires
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from authwire import AuthConfig
from authwire.integrations.starlette import StarletteAuth
from authwire.providers import GitHub

auth = StarletteAuth(AuthConfig(providers=[GitHub]))


@requires("authenticated", redirect="auth:signin")
async def me(request: Request) -> JSONResponse:
    return JSONResponse({"hello": request.user.display_name})


@auth.require(lambda session: session.user.email == "ada@example.com")
async def admin(request: Request) -> JSONResponse:
    session = await auth.session(request)
    return JSONResponse(session.data if session else None)


app = Starlette(
    routes=[
        Mount("/auth", routes=auth.routes, name="auth"),
        Route("/me", me),
        Route("/admin", admin),
    ],
    middleware=[auth.middleware()],
)
