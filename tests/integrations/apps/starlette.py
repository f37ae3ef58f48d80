from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request as StarRequest
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.responses import Response as StarResponse
from starlette.routing import Mount, Route
from tests.integrations.apps._common import PROTECT, PUBLIC, Builder, Built, over_asgi, who
from tests.integrations.world import World, is_ada

from authwire import AuthConfig, User
from authwire.integrations.starlette import StarletteAuth


def starlette_app(auth: StarletteAuth[User], mount: str = "/auth") -> Starlette:
    async def home(request: StarRequest) -> StarResponse:
        return JSONResponse({"name": request.user.display_name or None})

    @auth.required
    def me(request: StarRequest) -> StarResponse:
        return JSONResponse({"name": request.user.display_name})

    @auth.require(is_ada)
    async def ada(request: StarRequest) -> StarResponse:
        return JSONResponse(who(await auth.session(request)))

    async def twice(request: StarRequest) -> StarResponse:
        assert await auth.session(request) is await auth.session(request)
        return JSONResponse(who(await auth.session(request)))

    async def vault(request: StarRequest) -> StarResponse:
        return PlainTextResponse("open")

    async def enter(request: StarRequest) -> StarResponse:
        form = dict(await request.form())
        return await auth.sign_in(request, "credentials", form=form, callback_url="/me")

    async def leave(request: StarRequest) -> StarResponse:
        return await auth.sign_out(request, callback_url="/")

    @auth.required
    async def rename(request: StarRequest) -> StarResponse:
        session = await auth.update_session(request, {"name": "Countess"})
        return JSONResponse(session.data if session else None)

    return Starlette(
        routes=[
            Mount(mount, routes=auth.routes, name="auth"),
            Route("/", home),
            Route("/me", me),
            Route("/ada", ada),
            Route("/twice", auth.required(twice)),
            Route("/vault/{name}", vault),
            Route("/enter", enter, methods=["POST"]),
            Route("/leave", leave, methods=["POST"]),
            Route("/quit", leave, methods=["POST"]),
            Route("/rename", rename, methods=["POST"]),
        ],
        middleware=[auth.middleware(protect=PROTECT, public=PUBLIC)],
    )


def build_starlette(config: AuthConfig[User], world: World) -> Built:
    return over_asgi(starlette_app(StarletteAuth(config)), world)


BUILDERS: dict[str, Builder] = {"starlette": build_starlette}
