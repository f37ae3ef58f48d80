"""Starlette. Run it: ``AUTH_SECRET=$(authwire secret) uvicorn app:app`` and open /me."""

from collections.abc import Mapping
from hmac import compare_digest
from typing import Any

from starlette.applications import Starlette
from starlette.authentication import requires
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from authwire import AuthConfig, User
from authwire.integrations.starlette import StarletteAuth
from authwire.providers import Credentials, FormField


def check(form: Mapping[str, Any], request: object) -> User | None:
    """Look the user up in your database here; this one knows only Ada."""
    password = str(form.get("password")).encode()
    if form.get("username") == "ada" and compare_digest(password, b"lovelace"):
        return User(id="1", name="Ada", email="ada@example.com")
    return None


FIELDS = {"username": FormField(label="Name"), "password": FormField(type="password")}
auth = StarletteAuth(AuthConfig(providers=[Credentials(authorize=check, fields=FIELDS)]))


async def home(request: Request) -> Response:
    return JSONResponse({"hello": request.user.display_name or "stranger"})


@requires("authenticated", redirect="auth:signin")  # Starlette's own decorator
async def me(request: Request) -> Response:
    return JSONResponse({"name": request.user.display_name, "id": request.user.identity})


routes = [Mount("/auth", routes=auth.routes, name="auth"), Route("/", home), Route("/me", me)]
app = Starlette(routes=routes, middleware=[auth.middleware()])
