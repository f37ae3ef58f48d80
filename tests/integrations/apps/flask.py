from __future__ import annotations

from flask import Flask, jsonify
from flask import Response as FlaskResponse
from flask import request as flask_request
from tests.integrations.apps._common import PROTECT, PUBLIC, Builder, Built, over_wsgi, who
from tests.integrations.world import World, is_ada

from authwire import AuthConfig, User
from authwire.integrations.flask import FlaskAuth, current_session
from authwire.runtime import PortalRuntime


def flask_app(auth: FlaskAuth[User]) -> Flask:
    app = Flask(__name__)
    auth.init_app(app)
    auth.protect(app, PROTECT, public=PUBLIC)

    @app.get("/")
    def home() -> FlaskResponse:
        return jsonify(who(auth.session()))

    @app.get("/me")
    @auth.required
    def me() -> FlaskResponse:
        return jsonify(who(current_session))

    @app.get("/ada")
    @auth.require(is_ada)
    def ada() -> FlaskResponse:
        return jsonify(who(auth.current_session))

    @app.get("/twice")
    @auth.required
    def twice() -> FlaskResponse:
        assert auth.session() is auth.session()
        return jsonify(who(current_session))

    @app.get("/vault/<name>")
    def vault(name: str) -> str:
        return name

    @app.post("/enter")
    def enter() -> FlaskResponse:
        return auth.sign_in("credentials", form=flask_request.form, callback_url="/me")

    @app.post("/leave")
    def leave() -> FlaskResponse:
        return auth.sign_out(callback_url="/")

    @app.post("/rename")
    @auth.required
    def rename() -> FlaskResponse:
        session = auth.update_session({"name": "Countess"})
        return jsonify(session.data if session else None)

    @app.post("/quit")
    @auth.required
    def quit_() -> FlaskResponse:
        return auth.sign_out(callback_url="/")

    return app


def build_flask(config: AuthConfig[User], world: World) -> Built:
    return over_wsgi(flask_app(FlaskAuth(config)), world)


def build_flask_portal(config: AuthConfig[User], world: World) -> Built:
    runtime = PortalRuntime()
    return over_wsgi(flask_app(FlaskAuth(config, runtime=runtime)), world, runtime.close)


BUILDERS: dict[str, Builder] = {"flask": build_flask, "flask-portal": build_flask_portal}
