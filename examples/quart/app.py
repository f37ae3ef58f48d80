"""Quart. Run it from the root of the repository and open http://localhost:8000:

AUTH_SECRET=$(authwire secret) quart --app examples.quart.app run --port 8000
"""

from quart import Quart, redirect, render_template_string, request
from quart.typing import ResponseReturnValue

from authwire.integrations.quart import QuartAuth
from examples.shared import config, home_page, is_ada

auth = QuartAuth(config)
app = Quart(__name__)
auth.init_app(app)  # /auth/signin, /auth/callback/…, /auth/session, …


@app.get("/")
async def home() -> str:
    return home_page(await auth.session())


@app.get("/me")
@auth.required
async def me() -> str:
    return await render_template_string("This is the page of {{ current_session().user.name }}.")


@app.get("/ada")
@auth.require(is_ada)
async def ada() -> str:
    return "Only Ada sees this."


@app.post("/rename")
@auth.required
async def rename() -> ResponseReturnValue:
    await auth.update_session({"name": (await request.form)["name"]})
    return redirect("/", 303)
