# Not `from __future__ import annotations`: FastAPI could not look up the names inside a function.

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Form, Request, Response
from tests.integrations.apps._common import PROTECT, PUBLIC, Builder, Built, over_asgi, who
from tests.integrations.world import World, is_ada

from authwire import AuthConfig, Session, User
from authwire.integrations.fastapi import FastAPIAuth


def fastapi_app(auth: FastAPIAuth[User], *, middleware: bool) -> FastAPI:
    protect = auth.middleware(protect=PROTECT, public=PUBLIC)
    app = FastAPI(middleware=[protect] if middleware else [])
    app.include_router(auth.router)
    signed = Annotated[Session[User], Depends(auth.required)]
    perhaps = Annotated[Session[User] | None, Depends(auth.optional)]

    @app.get("/")
    async def home(session: perhaps) -> dict[str, Any]:
        return who(session)

    @app.get("/me")
    async def me(session: signed) -> dict[str, Any]:
        return who(session)

    @app.get("/ada")
    async def ada(
        session: Annotated[Session[User], Depends(auth.require(is_ada))],
    ) -> dict[str, Any]:
        return who(session)

    @app.get("/twice")
    async def twice(session: signed, again: perhaps, request: Request) -> dict[str, Any]:
        assert session is again
        return who(await auth.session(request))

    guard = [] if middleware else [Depends(auth.required)]

    @app.get("/vault/open")
    async def open_() -> str:
        return "open"

    @app.get("/vault/{name}", dependencies=guard)
    async def vault(name: str) -> str:
        return name

    @app.post("/enter")
    async def enter(
        request: Request, email: Annotated[str, Form()], password: Annotated[str, Form()]
    ) -> Response:
        form = {"email": email, "password": password}
        return await auth.sign_in(request, "credentials", form=form, callback_url="/me")

    @app.post("/leave")
    async def leave(request: Request) -> Response:
        return await auth.sign_out(request, callback_url="/")

    @app.post("/rename")
    async def rename(request: Request, response: Response, session: signed) -> dict[str, Any]:
        data = {"name": "Countess"}
        new = await auth.update_session(request, data, response=None if middleware else response)
        return dict(new.data) if new else {}

    @app.post("/quit")
    async def quit_(request: Request, session: signed) -> Response:
        return await auth.sign_out(request, callback_url="/")

    return app


def build_fastapi(config: AuthConfig[User], world: World) -> Built:
    return over_asgi(fastapi_app(FastAPIAuth(config), middleware=False), world)


def build_fastapi_middleware(config: AuthConfig[User], world: World) -> Built:
    return over_asgi(fastapi_app(FastAPIAuth(config), middleware=True), world)


BUILDERS: dict[str, Builder] = {
    "fastapi": build_fastapi,
    "fastapi-middleware": build_fastapi_middleware,
}
