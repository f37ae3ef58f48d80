"""Litestar. Run it: ``AUTH_SECRET=$(authwire secret) uvicorn app:app`` and open /me."""

from collections.abc import Mapping
from hmac import compare_digest
from typing import Any

from litestar import Litestar, get
from litestar.di import NamedDependency

from authwire import AuthConfig, Request, Session, User
from authwire.integrations.litestar import LitestarAuth
from authwire.providers import Credentials, FormField


def check(form: Mapping[str, Any], request: Request) -> User | None:
    """Look the user up in your database here; this one knows only Ada."""
    password = str(form.get("password")).encode()
    if form.get("username") == "ada" and compare_digest(password, b"lovelace"):
        return User(id="1", name="Ada", email="ada@example.com")
    return None


FIELDS = {"username": FormField(label="Name"), "password": FormField(type="password")}
auth = LitestarAuth(AuthConfig(providers=[Credentials(authorize=check, fields=FIELDS)]))


@get("/")
async def home(maybe_session: NamedDependency[Session | None]) -> dict[str, str | None]:
    return {"hello": maybe_session.user.name if maybe_session else "stranger"}


@get("/me")
async def me(session: NamedDependency[Session]) -> User:
    return session.user


app = Litestar([home, me], plugins=[auth])  # and /auth/signin, /auth/callback/…, /auth/session, …
