# Not `from __future__ import annotations`: FastAPI could not look up the names inside a function.

from functools import partial
from typing import Annotated, Any

from benchmarks.frameworks._common import ANSWER, Framework, over_asgi
from fastapi import Depends, FastAPI

from authwire import AuthConfig, Session
from authwire.integrations.fastapi import FastAPIAuth

__all__ = ["FRAMEWORKS"]


def build(config: AuthConfig | None, *, middleware: bool) -> FastAPI:
    auth = None if config is None else FastAPIAuth(config)
    app = FastAPI(middleware=[auth.middleware()] if auth and middleware else [])
    if auth is not None:
        app.include_router(auth.router)

        @app.get("/protected")
        async def protected(session: Annotated[Session, Depends(auth.required)]) -> dict[str, Any]:
            return {"user": session.data["user"]}

    @app.get("/open")
    async def open_() -> dict[str, Any]:
        return ANSWER

    return app


FRAMEWORKS = {
    "fastapi": Framework("FastAPI", partial(build, middleware=False), over_asgi),
    "fastapi-middleware": Framework(
        "FastAPI, with the middleware", partial(build, middleware=True), over_asgi
    ),
}
