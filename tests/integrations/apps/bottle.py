from __future__ import annotations

from typing import Any

from bottle import Bottle, HTTPResponse
from bottle import request as bottle_request
from tests.integrations.apps._common import PROTECT, PUBLIC, Builder, Built, over_wsgi, who
from tests.integrations.world import World, is_ada

from authwire import AuthConfig, User
from authwire.integrations.bottle import BottleAuth
from authwire.runtime import PortalRuntime


def bottle_app(auth: BottleAuth[User]) -> Bottle:
    app = Bottle()
    app.install(auth)
    auth.protect(app, PROTECT, public=PUBLIC)

    @app.get("/")
    def home() -> dict[str, Any]:
        return who(auth.session())

    @app.get("/me", auth=True)
    def me() -> dict[str, Any]:
        return who(auth.session())

    @app.get("/ada", auth=is_ada)
    def ada() -> dict[str, Any]:
        return who(auth.required_session())

    @app.get("/twice")
    @auth.required
    def twice() -> dict[str, Any]:
        assert auth.session() is auth.session()
        return who(auth.session())

    @app.get("/vault/<name>")
    def vault(name: str) -> str:
        return name

    @app.post("/enter")
    def enter() -> HTTPResponse:
        return auth.sign_in("credentials", form=bottle_request.forms, callback_url="/me")

    @app.post("/leave")
    def leave() -> HTTPResponse:
        return auth.sign_out(callback_url="/")

    @app.post("/rename", auth=True)
    def rename() -> dict[str, Any] | None:
        session = auth.update_session({"name": "Countess"})
        return dict(session.data) if session else None

    @app.post("/quit", auth=True)
    def quit_() -> HTTPResponse:
        return auth.sign_out(callback_url="/")

    return app


def build_bottle(config: AuthConfig[User], world: World) -> Built:
    return over_wsgi(bottle_app(BottleAuth(config)), world)


def build_bottle_portal(config: AuthConfig[User], world: World) -> Built:
    runtime = PortalRuntime()
    return over_wsgi(bottle_app(BottleAuth(config, runtime=runtime)), world, runtime.close)


BUILDERS: dict[str, Builder] = {"bottle": build_bottle, "bottle-portal": build_bottle_portal}
