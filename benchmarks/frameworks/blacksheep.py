# Not `from __future__ import annotations`: BlackSheep could not look up the names inside a function.

from functools import partial
from typing import Any

from benchmarks.frameworks._common import ANSWER, Framework, over_asgi
from blacksheep import Application, Router

from authwire import AuthConfig, Session
from authwire.integrations.blacksheep import BlackSheepAuth

__all__ = ["FRAMEWORKS"]


def build(config: AuthConfig | None, *, identity: bool) -> Application:
    app = Application(router=Router())
    if config is not None:
        BlackSheepAuth(config).use(app, identity=identity)

        @app.router.get("/protected")
        async def protected(session: Session) -> dict[str, Any]:
            return {"user": session.data["user"]}

    @app.router.get("/open")
    async def open_() -> dict[str, Any]:
        return ANSWER

    return app


_SERVING = partial(over_asgi, lifespan=True)
FRAMEWORKS = {
    "blacksheep": Framework("BlackSheep", partial(build, identity=True), _SERVING),
    "blacksheep-lazy": Framework(
        "BlackSheep, `identity=False`", partial(build, identity=False), _SERVING
    ),
}
