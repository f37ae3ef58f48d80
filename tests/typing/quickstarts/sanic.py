"""The first program of docs/integrations/sanic.md, with all types. Never run: mypy and pyright read it."""

from __future__ import annotations

from sanic import HTTPResponse, Request, Sanic, text

from authwire import AuthConfig
from authwire.integrations.sanic import SanicAuth
from authwire.providers import GitHub

auth = SanicAuth(AuthConfig(providers=[GitHub]))
app = Sanic("Greeter")
auth.init_app(app)
auth.protect(app, ["/account/*"])


@app.get("/")
async def home(request: Request) -> HTTPResponse:
    session = await auth.session(request)
    return text(f"Hello {session.user.name if session else 'stranger'}")


@app.get("/me")
@auth.required
async def me(request: Request) -> HTTPResponse:
    return text(f"Hello {auth.current_session(request).user.name}")


@app.get("/admin")
@auth.require(lambda session: session.user.email == "ada@example.com")
async def admin(request: Request) -> HTTPResponse:
    return text("Welcome, Ada")
