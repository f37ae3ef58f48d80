# Not `from __future__ import annotations`: BlackSheep could not look up the names inside a function.

import asyncio
from typing import Any

from blacksheep import Application, FromForm, Request, Response, Router
from blacksheep.server.authorization import Policy, auth
from tests.integrations.apps._common import PROTECT, PUBLIC, Builder, Built, over_asgi, who
from tests.integrations.world import World, is_ada

from authwire import AuthConfig, Session, User
from authwire.integrations.blacksheep import BlackSheepAuth, FromSession


def blacksheep_app(sheep: BlackSheepAuth[User], *, identity: bool) -> Application:
    app = Application(router=Router())
    sheep.use(app, protect=PROTECT, public=PUBLIC, identity=identity)
    router = app.router

    @router.get("/")
    async def home(session: FromSession[User] | None) -> Any:
        return who(session.value if session else None)

    @router.get("/me")
    async def me(session: Session[User]) -> Any:
        return who(session)

    @router.get("/twice")
    @sheep.required
    async def twice(request: Request, session: Session | None = None) -> Any:
        assert session is await sheep.session(request)
        return who(session)

    @router.get("/vault/{name}")
    def vault(name: str) -> str:
        return name

    @router.post("/enter")
    async def enter(request: Request, form: FromForm[dict]) -> Response:  # type: ignore[type-arg]  # BlackSheep knows no dict[str, str]
        return await sheep.sign_in(request, "credentials", form=form.value, callback_url="/me")

    @router.post("/leave")
    async def leave(request: Request) -> Response:
        return await sheep.sign_out(request, callback_url="/")

    @router.post("/rename")
    @sheep.required
    async def rename(request: Request) -> Any:
        session = await sheep.update_session(request, {"name": "Countess"})
        return dict(session.data) if session else None

    @router.post("/quit")
    @sheep.required
    async def quit_(request: Request) -> Response:
        return await sheep.sign_out(request, callback_url="/")

    if identity:

        @router.get("/ada")
        @auth("ada")
        async def ada(request: Request) -> Any:
            return {"name": request.user["name"]}

        app.use_authorization().add(Policy("ada", sheep.requirement(is_ada)))
    else:

        @router.get("/ada")
        @sheep.require(is_ada)
        async def only_ada(session: Session[User]) -> Any:
            return who(session)

    asyncio.run(app.start())
    return app


def build_blacksheep(config: AuthConfig[User], world: World) -> Built:
    return over_asgi(blacksheep_app(BlackSheepAuth(config), identity=True), world)


def build_blacksheep_lazy(config: AuthConfig[User], world: World) -> Built:
    return over_asgi(blacksheep_app(BlackSheepAuth(config), identity=False), world)


BUILDERS: dict[str, Builder] = {
    "blacksheep": build_blacksheep,
    "blacksheep-lazy": build_blacksheep_lazy,
}
