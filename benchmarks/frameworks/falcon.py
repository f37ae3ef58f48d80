"""Falcon, both kinds of app."""

from __future__ import annotations

import falcon
import falcon.asgi
from benchmarks.frameworks._common import ANSWER, Framework, over_asgi, over_wsgi
from falcon import Request, Response

from authwire import AuthConfig
from authwire.integrations.falcon import FalconAuth, SyncFalconAuth

__all__ = ["FRAMEWORKS"]


class _Open:
    def on_get(self, req: Request, resp: Response) -> None:
        resp.media = ANSWER


class _AsyncOpen:
    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        resp.media = ANSWER


def build(config: AuthConfig | None) -> falcon.App[Request, Response]:
    app = falcon.App()
    if config is not None:
        auth = SyncFalconAuth(config, app)

        class Protected:
            @auth.required
            def on_get(self, req: Request, resp: Response) -> None:
                resp.media = {"user": auth.current_session(req).data["user"]}

        app.add_route("/protected", Protected())
    app.add_route("/open", _Open())
    return app


def build_async(
    config: AuthConfig | None,
) -> falcon.asgi.App[falcon.asgi.Request, falcon.asgi.Response]:
    app = falcon.asgi.App()
    if config is not None:
        auth = FalconAuth(config, app)

        class Protected:
            @auth.required
            async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
                resp.media = {"user": auth.current_session(req).data["user"]}

        app.add_route("/protected", Protected())
    app.add_route("/open", _AsyncOpen())
    return app


FRAMEWORKS = {
    "falcon": Framework("Falcon, WSGI", build, over_wsgi),
    "falcon-asgi": Framework("Falcon, ASGI", build_async, over_asgi),
}
