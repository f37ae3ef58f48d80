"""The first program of docs/quickstart.md#fastapi, with all types. Never run: mypy and pyright read it."""

from typing import Annotated

from fastapi import Depends, FastAPI

from authwire import AuthConfig, Session, User
from authwire.integrations.fastapi import FastAPIAuth
from authwire.providers import GitHub

auth = FastAPIAuth(AuthConfig(providers=[GitHub]))
app = FastAPI()
app.include_router(auth.router)

CurrentSession = Annotated[Session, Depends(auth.required)]
MaybeSession = Annotated[Session | None, Depends(auth.optional)]


@app.get("/")
async def home(session: MaybeSession) -> str:
    return f"Hello {session.user.name}" if session else "Hello stranger"


@app.get("/me")
async def me(session: CurrentSession) -> User:
    return session.user
