"""Litestar. Run it from the root of the repository and open http://localhost:8000:

AUTH_SECRET=$(authwire secret) litestar --app examples.litestar.app:app run --port 8000
"""

from typing import Any

from litestar import Litestar, MediaType, Request, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from authwire import Session, User
from authwire.integrations.litestar import LitestarAuth
from examples.shared import config, home_page, is_ada

auth = LitestarAuth(config)


@get("/", media_type=MediaType.HTML)
async def home(maybe_session: NamedDependency[Session | None]) -> str:
    return home_page(maybe_session)


@get("/me")
async def me(session: NamedDependency[Session]) -> User:
    return session.user


@get("/ada", guards=[auth.require(is_ada)])
async def ada() -> str:
    return "Only Ada sees this."


@post("/rename", guards=[auth.required])
async def rename(request: Request[User, Session, Any]) -> Redirect:
    await auth.update_session(request, {"name": (await request.form()).get("name")})
    return Redirect("/", status_code=303)


app = Litestar([home, me, ada, rename], plugins=[auth])  # the plugin adds /auth/…
