"""Bottle. Run it from the root of the repository and open http://localhost:8000:

AUTH_SECRET=$(authwire secret) gunicorn examples.bottle.app:app --bind localhost:8000 --threads 4
"""

from bottle import Bottle, redirect, request, template

from authwire.integrations.bottle import BottleAuth
from examples.shared import config, greeting, home_page, is_ada

auth = BottleAuth(config)
app = Bottle()
app.install(auth)  # /auth/signin, /auth/callback/…, /auth/session, …


@app.get("/")
def home() -> str:
    return home_page(auth.session())


@app.get("/me", auth=True)
def me() -> str:
    return str(template("This is the page of {{name}}.", name=greeting(auth.session())))


@app.get("/ada", auth=is_ada)
def ada() -> str:
    return "Only Ada sees this."


@app.post("/rename", auth=True)
def rename() -> None:
    auth.update_session({"name": request.forms.getunicode("name")})
    redirect("/", 303)
