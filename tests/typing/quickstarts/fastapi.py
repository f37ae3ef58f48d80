"""The first program of docs/integrations/fastapi.md, with all types. Never run: mypy and pyright read it."""

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
AdminSession = Annotated[
    Session, Depends(auth.require(lambda s: s.user.email == "ada@example.com"))
]


@app.get("/me")
async def me(session: CurrentSession) -> User:
    return session.user


@app.get("/admin")
async def admin(session: AdminSession) -> str:
    return f"Welcome, {session.user.name}"
