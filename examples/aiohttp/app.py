"""aiohttp. Run it: ``AUTH_SECRET=$(authwire secret) python app.py`` and open /me."""

from collections.abc import Mapping
from hmac import compare_digest
from typing import Any

from aiohttp import web

from authwire import AuthConfig, Request, User
from authwire.integrations.aiohttp import AioHttpAuth
from authwire.providers import Credentials, FormField


def check(form: Mapping[str, Any], request: Request) -> User | None:
    """Look the user up in your database here; this one knows only Ada."""
    password = str(form.get("password")).encode()
    known = form.get("username") == "ada" and compare_digest(password, b"lovelace")
    return User(id="1", name="Ada", email="ada@example.com") if known else None


FIELDS = {"username": FormField(label="Name"), "password": FormField(type="password")}
auth = AioHttpAuth(AuthConfig(providers=[Credentials(authorize=check, fields=FIELDS)]))
app = web.Application()
auth.setup(app)  # /auth/signin, /auth/callback/…, /auth/session, …


async def home(request: web.Request) -> web.Response:
    session = await auth.session(request)
    return web.json_response({"hello": session.user.name if session else "stranger"})


@auth.required
async def me(request: web.Request) -> web.Response:
    session = await auth.session(request)
    return web.json_response(session.data if session else None)


app.add_routes([web.get("/", home), web.get("/me", me)])
if __name__ == "__main__":
    web.run_app(app)
