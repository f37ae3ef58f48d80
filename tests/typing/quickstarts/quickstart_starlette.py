"""The first program of docs/quickstart.md#starlette, with all types. Never run: mypy and pyright read it."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from authwire import AuthConfig
from authwire.integrations.starlette import StarletteAuth
from authwire.providers import GitHub

auth = StarletteAuth(AuthConfig(providers=[GitHub]))


@auth.required
async def me(request: Request) -> JSONResponse:
    return JSONResponse({"hello": request.user.display_name})


app = Starlette(
    routes=[Mount("/auth", routes=auth.routes, name="auth"), Route("/me", me)],
    middleware=[auth.middleware()],
)
