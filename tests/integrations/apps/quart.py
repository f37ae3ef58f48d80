from __future__ import annotations

from quart import Quart, jsonify
from quart import Response as QuartResponse
from quart import request as quart_request
from tests.integrations.apps._common import PROTECT, PUBLIC, Builder, Built, over_asgi, who
from tests.integrations.world import World, is_ada

from authwire import AuthConfig, User
from authwire.integrations.quart import QuartAuth, current_session

__all__ = ["BUILDERS", "quart_app"]


def quart_app(auth: QuartAuth[User]) -> Quart:
    app = Quart(__name__)
    auth.init_app(app)
    auth.protect(app, PROTECT, public=PUBLIC)

    @app.get("/")
    async def home() -> QuartResponse:
        return jsonify(who(await auth.session()))

    @app.get("/me")
    @auth.required
    async def me() -> QuartResponse:
        return jsonify(who(await current_session()))

    @app.get("/ada")
    @auth.require(is_ada)
    async def ada() -> QuartResponse:
        return jsonify(who(await auth.session()))

    @app.get("/twice")
    @auth.required
    async def twice() -> QuartResponse:
        assert await auth.session() is await current_session()
        return jsonify(who(await auth.session()))

    @app.get("/vault/<name>")
    async def vault(name: str) -> str:
        return name

    @app.post("/enter")
    async def enter() -> QuartResponse:
        return await auth.sign_in("credentials", form=await quart_request.form, callback_url="/me")

    @app.post("/leave")
    async def leave() -> QuartResponse:
        return await auth.sign_out(callback_url="/")

    @app.post("/rename")
    @auth.required
    async def rename() -> QuartResponse:
        session = await auth.update_session({"name": "Countess"})
        return jsonify(session.data if session else None)

    @app.post("/quit")
    @auth.required
    async def quit_() -> QuartResponse:
        return await auth.sign_out(callback_url="/")

    return app


def build_quart(config: AuthConfig[User], world: World) -> Built:
    return over_asgi(quart_app(QuartAuth(config)), world)


BUILDERS: dict[str, Builder] = {"quart": build_quart}
