"""Sanic. Run it from the root of the repository and open http://localhost:8000:

AUTH_SECRET=$(authwire secret) sanic examples.sanic.app:app --port 8000
"""

from sanic import HTTPResponse, Request, Sanic, html, redirect, text

from authwire.integrations.sanic import SanicAuth
from examples.shared import config, greeting, home_page, is_ada

auth = SanicAuth(config)
app = Sanic("Example")
auth.init_app(app)  # /auth/signin, /auth/callback/…, /auth/session, …


@app.get("/")
async def home(request: Request) -> HTTPResponse:
    return html(home_page(await auth.session(request)))


@app.get("/me")
@auth.required
async def me(request: Request) -> HTTPResponse:
    return text(f"This is the page of {greeting(auth.current_session(request))}.")


@app.get("/ada")
@auth.require(is_ada)
async def ada(request: Request) -> HTTPResponse:
    return text("Only Ada sees this.")


@app.post("/rename")
@auth.required
async def rename(request: Request) -> HTTPResponse:
    name = request.form.get("name") if request.form else None
    await auth.update_session(request, {"name": name})
    return redirect("/", status=303)
