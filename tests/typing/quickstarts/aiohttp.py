"""The first program of docs/integrations/aiohttp.md, with all types. Never run: mypy and pyright read it."""

from __future__ import annotations

from aiohttp import web

from authwire import AuthConfig
from authwire.integrations.aiohttp import AioHttpAuth
from authwire.providers import GitHub

auth = AioHttpAuth(AuthConfig(providers=[GitHub]))
routes = web.RouteTableDef()


@routes.get("/")
async def home(request: web.Request) -> web.Response:
    session = await auth.session(request)
    return web.Response(text=f"Hello {session.user.name if session else 'stranger'}")


@routes.get("/keys")
@auth.required
async def keys(request: web.Request) -> web.Response:
    return web.Response(text="Only signed-in people see this.")


@routes.view("/admin")
@auth.require(lambda session: session.user.email == "ada@example.com")
class Admin(web.View):
    async def get(self) -> web.Response:
        return web.Response(text="Welcome, Ada")


app = web.Application(middlewares=[auth.middleware(protect=["/account/*"])])
auth.setup(app)
app.add_routes(routes)
