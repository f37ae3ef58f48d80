"""FastAPI. Run it from the root of the repository and open http://localhost:8000:

AUTH_SECRET=$(authwire secret) uvicorn examples.fastapi.app:app --port 8000
"""

from typing import Annotated

from fastapi import Depends, FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from authwire import Session, User
from authwire.integrations.fastapi import FastAPIAuth
from examples.shared import config, home_page, is_ada

auth = FastAPIAuth(config)
app = FastAPI(middleware=[auth.middleware()])
app.include_router(auth.router)  # /auth/signin, /auth/callback/…, /auth/session, …
MaybeSession = Annotated[Session | None, Depends(auth.optional)]
CurrentSession = Annotated[Session, Depends(auth.required)]


@app.get("/", response_class=HTMLResponse)
async def home(session: MaybeSession) -> str:
    return home_page(session)


@app.get("/me")
async def me(session: CurrentSession) -> User:
    return session.user


@app.get("/ada", dependencies=[Depends(auth.require(is_ada))])
async def ada() -> str:
    return "Only Ada sees this."


@app.post("/rename", dependencies=[Depends(auth.required)])
async def rename(request: Request, name: Annotated[str, Form()]) -> RedirectResponse:
    await auth.update_session(request, {"name": name})
    return RedirectResponse("/", 303)
