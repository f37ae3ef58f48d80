from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from aiohttp import web
from tests.integrations.apps._common import PROTECT, PUBLIC, Builder, Built, who
from tests.integrations.world import World, is_ada

from authwire import AuthConfig, User
from authwire.integrations.aiohttp import AioHttpAuth
from authwire.testing.client import AuthClient

__all__ = ["BUILDERS", "aiohttp_app", "running", "start"]


def start(app: web.Application) -> tuple[str, Callable[[], None]]:
    """Serve ``app`` at the address, in a thread with a loop of its own, until the function is called."""
    ready: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        try:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            host, port = runner.addresses[0][:2]
            done = asyncio.Event()
            ready.set_result((f"http://{host}:{port}", asyncio.get_running_loop(), done))
            await done.wait()
        except BaseException as exc:
            if ready.done():
                raise
            ready.set_exception(exc)  # whoever started us gets it
        finally:
            await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="aiohttp-app", daemon=True)
    thread.start()
    address, loop, done = ready.result(timeout=30)

    def close() -> None:
        loop.call_soon_threadsafe(done.set)
        thread.join(timeout=30)
        assert not thread.is_alive()

    return address, close


@contextmanager
def running(app: web.Application) -> Iterator[str]:
    address, close = start(app)
    try:
        yield address
    finally:
        close()


def aiohttp_app(auth: AioHttpAuth[User]) -> web.Application:
    routes = web.RouteTableDef()

    @routes.get("/")
    async def home(request: web.Request) -> web.Response:
        return web.json_response(who(await auth.session(request)))

    @routes.get("/me")
    @auth.required
    async def me(request: web.Request) -> web.Response:
        return web.json_response(who(await auth.session(request)))

    @routes.view("/ada")
    @auth.require(is_ada)
    class Ada(web.View):
        async def get(self) -> web.Response:
            return web.json_response(who(await auth.session(self.request)))

    @routes.get("/twice")
    @auth.required
    async def twice(request: web.Request) -> web.Response:
        assert await auth.session(request) is await auth.session(request)
        return web.json_response(who(await auth.session(request)))

    @routes.get("/vault/{name}")
    async def vault(request: web.Request) -> web.Response:
        return web.Response(text=request.match_info["name"])

    @routes.post("/enter")
    async def enter(request: web.Request) -> web.Response:
        form = await request.post()
        return await auth.sign_in(request, "credentials", form=form, callback_url="/me")

    @routes.post("/leave")
    async def leave(request: web.Request) -> web.Response:
        return await auth.sign_out(request, callback_url="/")

    @routes.post("/rename")
    @auth.required
    async def rename(request: web.Request) -> web.Response:
        session = await auth.update_session(request, {"name": "Countess"})
        return web.json_response(session.data if session else None)

    @routes.post("/quit")
    @auth.required
    async def quit_(request: web.Request) -> web.Response:
        return await auth.sign_out(request, callback_url="/")

    app = web.Application(middlewares=[auth.middleware(protect=PROTECT, public=PUBLIC)])
    auth.setup(app)
    app.add_routes(routes)
    return app


def build_aiohttp(config: AuthConfig[User], world: World) -> Built:
    address, close = start(aiohttp_app(AioHttpAuth(config)))
    browser = AuthClient.server(
        address, now=world.now, base_url=world.origin, base_path=world.base_path
    )
    return Built(browser, close)


BUILDERS: dict[str, Builder] = {"aiohttp": build_aiohttp}
