"""Flask. Run it: ``AUTH_SECRET=$(authwire secret) flask run`` and open /me."""

from collections.abc import Mapping
from hmac import compare_digest
from typing import Any

from flask import Flask, jsonify, render_template_string
from flask.typing import ResponseReturnValue

from authwire import AuthConfig, Request, User
from authwire.integrations.flask import FlaskAuth, current_session
from authwire.providers import Credentials, FormField


def check(form: Mapping[str, Any], request: Request) -> User | None:
    """Look the user up in your database here; this one knows only Ada."""
    password = str(form.get("password")).encode()
    if form.get("username") == "ada" and compare_digest(password, b"lovelace"):
        return User(id="1", name="Ada", email="ada@example.com")
    return None


FIELDS = {"username": FormField(label="Name"), "password": FormField(type="password")}
auth = FlaskAuth(AuthConfig(providers=[Credentials(authorize=check, fields=FIELDS)]))
app = Flask(__name__)
auth.init_app(app)


@app.get("/")
def home() -> str:
    return render_template_string(
        "Hi {% if current_session %}{{ current_session.user.name }}{% else %}stranger{% endif %}"
    )


@app.get("/me")
@auth.required
def me() -> ResponseReturnValue:
    return jsonify(current_session.user)
