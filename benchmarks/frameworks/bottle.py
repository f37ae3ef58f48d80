from __future__ import annotations

from typing import Any

from benchmarks.frameworks._common import ANSWER, Framework, over_wsgi
from bottle import Bottle

from authwire import AuthConfig
from authwire.integrations.bottle import BottleAuth

__all__ = ["FRAMEWORKS"]


def build(config: AuthConfig | None) -> Bottle:
    app = Bottle()
    if config is not None:
        auth = BottleAuth(config)
        app.install(auth)

        @app.get("/protected", auth=True)
        def protected() -> dict[str, Any]:
            return {"user": auth.required_session().data["user"]}

    @app.get("/open")
    def open_() -> dict[str, Any]:
        return ANSWER

    return app


FRAMEWORKS = {"bottle": Framework("Bottle", build, over_wsgi)}
