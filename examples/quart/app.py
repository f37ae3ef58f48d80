"""Quart. Run it: ``AUTH_SECRET=$(authwire secret) quart run`` and open /me."""

from collections.abc import Mapping
from hmac import compare_digest
from typing import Any

from quart import Quart, jsonify, render_template_string
from quart.typing import ResponseReturnValue

from authwire import AuthConfig, Request, User
from authwire.integrations.quart import QuartAuth, current_session
from authwire.providers import Credentials, FormField


def check(form: Mapping[str, Any], request: Request) -> User | None:
    """Look the user up in your database here; this one knows only Ada."""
    password = str(form.get("password")).encode()
    if form.get("username") == "ada" and compare_digest(password, b"lovelace"):
        return User(id="1", name="Ada", email="ada@example.com")
    return None


FIELDS = {"username": FormField(label="Name"), "password": FormField(type="password")}
auth = QuartAuth(AuthConfig(providers=[Credentials(authorize=check, fields=FIELDS)]))
app = Quart(__name__)
auth.init_app(app)
PAGE = "Hi {% if current_session() %}{{ current_session().user.name }}{% else %}stranger{% endif %}"


@app.get("/")
async def home() -> str:
    return await render_template_string(PAGE)


@app.get("/me")
@auth.required
async def me() -> ResponseReturnValue:
    session = await current_session()
    return jsonify(session and session.user)
