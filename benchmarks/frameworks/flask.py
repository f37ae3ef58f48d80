from __future__ import annotations

from typing import Any

from benchmarks.frameworks._common import ANSWER, Framework, over_wsgi
from flask import Flask

from authwire import AuthConfig
from authwire.integrations.flask import FlaskAuth, current_session

__all__ = ["FRAMEWORKS"]


def build(config: AuthConfig | None) -> Flask:
    app = Flask(__name__)
    if config is not None:
        auth = FlaskAuth(config, app)

        @app.get("/protected")
        @auth.required
        def protected() -> dict[str, Any]:
            return {"user": current_session.data["user"]}

    @app.get("/open")
    def open_() -> dict[str, Any]:
        return ANSWER

    return app


FRAMEWORKS = {"flask": Framework("Flask", build, over_wsgi)}
