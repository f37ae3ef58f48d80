"""FastAPI. Run it: ``AUTH_SECRET=$(authwire secret) uvicorn app:app`` and open /me."""

from collections.abc import Mapping
from hmac import compare_digest
from typing import Annotated, Any

from fastapi import Depends, FastAPI

from authwire import AuthConfig, Request, Session, User
from authwire.integrations.fastapi import FastAPIAuth
from authwire.providers import Credentials, FormField


def check(form: Mapping[str, Any], request: Request) -> User | None:
    """Look the user up in your database here; this one knows only Ada."""
    password = str(form.get("password")).encode()
    if form.get("username") == "ada" and compare_digest(password, b"lovelace"):
        return User(id="1", name="Ada", email="ada@example.com")
    return None


FIELDS = {"username": FormField(label="Name"), "password": FormField(type="password")}
auth = FastAPIAuth(AuthConfig(providers=[Credentials(authorize=check, fields=FIELDS)]))
app = FastAPI()
app.include_router(auth.router)  # /auth/signin, /auth/callback/…, /auth/session, …

CurrentSession = Annotated[Session, Depends(auth.required)]
MaybeSession = Annotated[Session | None, Depends(auth.optional)]


@app.get("/")
async def home(session: MaybeSession) -> dict[str, str | None]:
    return {"hello": session.user.name if session else "stranger"}


@app.get("/me")
async def me(session: CurrentSession) -> User:
    return session.user
