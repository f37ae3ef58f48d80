"""aiohttp. Run it from the root of the repository and open http://localhost:8000:

AUTH_SECRET=$(authwire secret) python -m aiohttp.web -H localhost -P 8000 examples.aiohttp.app:init
"""

from aiohttp import web

from authwire.integrations.aiohttp import AioHttpAuth
from examples.shared import config, greeting, home_page, is_ada

auth = AioHttpAuth(config)


async def home(request: web.Request) -> web.Response:
    return web.Response(text=home_page(await auth.session(request)), content_type="text/html")


@auth.required
async def me(request: web.Request) -> web.Response:
    return web.Response(text=f"This is the page of {greeting(await auth.session(request))}.")


@auth.require(is_ada)
async def ada(request: web.Request) -> web.Response:
    return web.Response(text="Only Ada sees this.")


@auth.required
async def rename(request: web.Request) -> web.Response:
    await auth.update_session(request, {"name": (await request.post()).get("name")})
    raise web.HTTPSeeOther("/")


def init(argv: list[str]) -> web.Application:
    app = web.Application()
    auth.setup(app)  # /auth/signin, /auth/callback/…, /auth/session, …
    app.add_routes([web.get("/", home), web.get("/me", me), web.get("/ada", ada)])
    app.add_routes([web.post("/rename", rename)])
    return app
