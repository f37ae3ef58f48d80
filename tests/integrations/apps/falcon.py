from __future__ import annotations

from typing import Any

import falcon
import falcon.asgi
from tests.integrations.apps._common import (
    PROTECT,
    PUBLIC,
    Builder,
    Built,
    over_asgi,
    over_wsgi,
    who,
)
from tests.integrations.world import World, is_ada

from authwire import AuthConfig, User
from authwire.integrations.falcon import FalconAuth, SyncFalconAuth
from authwire.runtime import PortalRuntime

Request = falcon.asgi.Request
Response = falcon.asgi.Response


def falcon_asgi_app(auth: FalconAuth[User]) -> Any:
    class Home:
        async def on_get(self, req: Request, resp: Response) -> None:
            resp.media = who(await auth.session(req))

    class Me:
        @auth.required
        async def on_get(self, req: Request, resp: Response) -> None:
            resp.media = who(auth.current_session(req))

    class Ada:
        @falcon.before(auth.require(is_ada))
        async def on_get(self, req: Request, resp: Response) -> None:
            resp.media = who(auth.current_session(req))

    @auth.required
    class Twice:
        async def on_get(self, req: Request, resp: Response) -> None:
            assert await auth.session(req) is await auth.session(req)
            resp.media = who(await auth.session(req))

    class Vault:
        async def on_get(self, req: Request, resp: Response, name: str) -> None:
            resp.text = name

    class Enter:
        async def on_post(self, req: Request, resp: Response) -> None:
            form = await req.get_media()
            await auth.sign_in(req, resp, "credentials", form=form, callback_url="/me")

    class Leave:
        async def on_post(self, req: Request, resp: Response) -> None:
            await auth.sign_out(req, resp, callback_url="/")

    @falcon.before(auth.required)
    class Quit(Leave):
        pass

    @auth.required
    class Rename:
        async def on_post(self, req: Request, resp: Response) -> None:
            session = await auth.update_session(req, {"name": "Countess"})
            resp.media = dict(session.data) if session else None

    app = falcon.asgi.App()
    auth.init_app(app)
    auth.protect(app, PROTECT, public=PUBLIC)
    app.add_route("/", Home())
    for resource in (Me, Ada, Twice, Enter, Leave, Quit, Rename):
        app.add_route(f"/{resource.__name__.lower()}", resource())
    app.add_route("/vault/{name}", Vault())
    return app


def falcon_wsgi_app(auth: SyncFalconAuth[User]) -> Any:
    class Home:
        def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
            resp.media = who(auth.session(req))

    class Me:
        @auth.required
        def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
            resp.media = who(auth.current_session(req))

    class Ada:
        @falcon.before(auth.require(is_ada))
        def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
            resp.media = who(auth.current_session(req))

    @auth.required
    class Twice:
        def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
            assert auth.session(req) is auth.session(req)
            resp.media = who(auth.session(req))

    class Vault:
        def on_get(self, req: falcon.Request, resp: falcon.Response, name: str) -> None:
            resp.text = name

    class Enter:
        def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
            form = req.get_media()
            auth.sign_in(req, resp, "credentials", form=form, callback_url="/me")

    class Leave:
        def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
            auth.sign_out(req, resp, callback_url="/")

    @falcon.before(auth.required)
    class Quit(Leave):
        pass

    @auth.required
    class Rename:
        def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
            session = auth.update_session(req, {"name": "Countess"})
            resp.media = dict(session.data) if session else None

    app = falcon.App()
    auth.init_app(app)
    auth.protect(app, PROTECT, public=PUBLIC)
    app.add_route("/", Home())
    for resource in (Me, Ada, Twice, Enter, Leave, Quit, Rename):
        app.add_route(f"/{resource.__name__.lower()}", resource())
    app.add_route("/vault/{name}", Vault())
    return app


def build_falcon(config: AuthConfig[User], world: World) -> Built:
    return over_wsgi(falcon_wsgi_app(SyncFalconAuth(config)), world)


def build_falcon_portal(config: AuthConfig[User], world: World) -> Built:
    runtime = PortalRuntime()
    app = falcon_wsgi_app(SyncFalconAuth(config, runtime=runtime))
    return over_wsgi(app, world, runtime.close)


def build_falcon_asgi(config: AuthConfig[User], world: World) -> Built:
    return over_asgi(falcon_asgi_app(FalconAuth(config)), world)


BUILDERS: dict[str, Builder] = {
    "falcon": build_falcon,
    "falcon-portal": build_falcon_portal,
    "falcon-asgi": build_falcon_asgi,
}
