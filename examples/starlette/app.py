"""Starlette. Run it from the root of the repository and open http://localhost:8000:

AUTH_SECRET=$(authwire secret) uvicorn examples.starlette.app:app --port 8000
"""

from starlette.applications import Starlette
from starlette.authentication import requires
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Mount, Route

from authwire.integrations.starlette import StarletteAuth
from examples.shared import config, home_page, is_ada

auth = StarletteAuth(config)


async def home(request: Request) -> HTMLResponse:
    return HTMLResponse(home_page(await auth.session(request)))


@requires("authenticated", redirect="auth:signin")  # Starlette's own; auth.required does it too
async def me(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"This is the page of {request.user.display_name}.")


@auth.require(is_ada)
async def ada(request: Request) -> PlainTextResponse:
    return PlainTextResponse("Only Ada sees this.")


@auth.required
async def rename(request: Request) -> RedirectResponse:
    await auth.update_session(request, {"name": (await request.form()).get("name")})
    return RedirectResponse("/", 303)


routes = [Mount("/auth", routes=auth.routes, name="auth"), Route("/", home), Route("/me", me)]
routes += [Route("/ada", ada), Route("/rename", rename, methods=["POST"])]
app = Starlette(routes=routes, middleware=[auth.middleware()])
