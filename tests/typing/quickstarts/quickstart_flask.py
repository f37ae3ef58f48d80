"""The first program of docs/quickstart.md#flask, with all types. Never run: mypy and pyright read it."""

from __future__ import annotations

from flask import Flask

from authwire import AuthConfig
from authwire.integrations.flask import FlaskAuth, current_session
from authwire.providers import GitHub

auth = FlaskAuth(AuthConfig(providers=[GitHub]))
app = Flask(__name__)
auth.init_app(app)


@app.get("/me")
@auth.required
def me() -> str:
    return f"Hello {current_session.user.name}"
