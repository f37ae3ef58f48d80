"""The first program of docs/integrations/quart.md, with all types. Never run: mypy and pyright read it."""

from __future__ import annotations

from quart import Quart

from authwire import AuthConfig
from authwire.integrations.quart import QuartAuth, current_session
from authwire.providers import GitHub

auth = QuartAuth(AuthConfig(providers=[GitHub]))
app = Quart(__name__)
auth.init_app(app)
auth.protect(app, ["/account/*"])


@app.get("/")
async def home() -> str:
    session = await current_session()
    return f"Hello {session.user.name if session else 'stranger'}"


@app.get("/keys")
@auth.required
async def keys() -> str:
    return "Only signed-in people see this."


@app.get("/admin")
@auth.require(lambda session: session.user.email == "ada@example.com")
async def admin() -> str:
    return "Welcome, Ada"
