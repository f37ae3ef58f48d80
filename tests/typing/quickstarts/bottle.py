"""The first program of docs/integrations/bottle.md, with all types. Never run: mypy and pyright read it."""

# Bottle has no types:
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any

from bottle import Bottle  # type: ignore[import-untyped]  # it has no types

from authwire import AuthConfig, has_role
from authwire.integrations.bottle import BottleAuth
from authwire.providers import GitHub

auth = BottleAuth(AuthConfig(providers=[GitHub]))
app: Any = Bottle()
app.install(auth)
auth.protect(app, ["/account/*"])


@app.get("/")
def home() -> str:
    session = auth.session()
    return f"Hello {session.user.name if session else 'stranger'}"


@app.get("/me", auth=True)
def me() -> str:
    return f"Hello {auth.required_session().user.name}"


@app.get("/admin", auth=has_role("admin"))
def admin() -> str:
    return "Welcome"
