from __future__ import annotations

from typing import Any

from benchmarks.frameworks._common import ANSWER, Framework, over_asgi
from quart import Quart

from authwire import AuthConfig
from authwire.integrations.quart import QuartAuth, current_session

__all__ = ["FRAMEWORKS"]


def build(config: AuthConfig | None) -> Quart:
    app = Quart(__name__)
    if config is not None:
        auth = QuartAuth(config)
        auth.init_app(app)

        @app.get("/protected")
        @auth.required
        async def protected() -> dict[str, Any]:
            session = await current_session()
            return {"user": session.data["user"] if session else None}

    @app.get("/open")
    async def open_() -> dict[str, Any]:
        return ANSWER

    return app


FRAMEWORKS = {"quart": Framework("Quart", build, over_asgi)}
