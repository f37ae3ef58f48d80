"""Flask. Run it from the root of the repository and open http://localhost:8000:

AUTH_SECRET=$(authwire secret) flask --app examples.flask.app run --port 8000
"""

from flask import Flask, redirect, render_template_string, request
from flask.typing import ResponseReturnValue

from authwire.integrations.flask import FlaskAuth
from examples.shared import config, home_page, is_ada

auth = FlaskAuth(config)
app = Flask(__name__)
auth.init_app(app)  # /auth/signin, /auth/callback/…, /auth/session, …


@app.get("/")
def home() -> str:
    return home_page(auth.session())


@app.get("/me")
@auth.required
def me() -> str:
    return render_template_string("This is the page of {{ current_session.user.name }}.")


@app.get("/ada")
@auth.require(is_ada)
def ada() -> str:
    return "Only Ada sees this."


@app.post("/rename")
@auth.required
def rename() -> ResponseReturnValue:
    auth.update_session({"name": request.form["name"]})
    return redirect("/", 303)
