from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from itertools import count
from threading import Event, Thread
from typing import Any

from sanic import Request, Sanic, json, text
from sanic.response import HTTPResponse
from tests.integrations.apps._common import PROTECT, PUBLIC, Builder, Built, who
from tests.integrations.world import World, is_ada

from authwire import AuthConfig, User
from authwire.integrations.sanic import SanicAuth
from authwire.runtime.asgi import ASGIApp, Receive, Scope, Send
from authwire.testing.client import AuthClient

__all__ = ["BUILDERS", "new_app", "over_asgi", "over_server", "started"]

_NUMBERS = count(1)


def new_app() -> Sanic[Any, Any]:
    """An app with a name of its own, as Sanic wants it."""
    app = Sanic(f"tests_{next(_NUMBERS)}", configure_logging=False)
    app.config.MOTD = False  # it imports sanic_testing, which imports what is deprecated
    app.config.TOUCHUP = False  # it rewrites Sanic itself, for one app in a process
    return app


def sanic_app(auth: SanicAuth[User]) -> Sanic[Any, Any]:
    app = new_app()
    auth.init_app(app)
    auth.protect(app, PROTECT, public=PUBLIC)

    @app.get("/")
    async def home(request: Request[Any, Any]) -> HTTPResponse:
        return json(who(await auth.session(request)))

    @app.get("/me")
    @auth.required
    def me(request: Request[Any, Any]) -> HTTPResponse:
        return json(who(auth.current_session(request)))

    @app.get("/ada")
    @auth.require(is_ada)
    async def ada(request: Request[Any, Any]) -> HTTPResponse:
        return json(who(auth.current_session(request)))

    @app.get("/twice")
    @auth.required
    async def twice(request: Request[Any, Any]) -> HTTPResponse:
        assert await auth.session(request) is await auth.session(request)
        return json(who(await auth.session(request)))

    @app.get("/vault/<name:str>")
    async def vault(request: Request[Any, Any], name: str) -> HTTPResponse:
        return text(name)

    @app.post("/enter")
    async def enter(request: Request[Any, Any]) -> HTTPResponse:
        form = {name: values[0] for name, values in (request.form or {}).items()}
        return await auth.sign_in(request, "credentials", form=form, callback_url="/me")

    @app.post("/leave")
    async def leave(request: Request[Any, Any]) -> HTTPResponse:
        return await auth.sign_out(request, callback_url="/")

    @app.post("/rename")
    @auth.required
    async def rename(request: Request[Any, Any]) -> HTTPResponse:
        session = await auth.update_session(request, {"name": "Countess"})
        return json(session.data if session else None)

    @app.post("/quit")
    @auth.required
    async def quit_(request: Request[Any, Any]) -> HTTPResponse:
        return await auth.sign_out(request, callback_url="/")

    return app


# --- servers --------------------------------------------------------------------------------------


def started(app: Sanic[Any, Any]) -> ASGIApp:
    """The app for a client that sends no lifespan events: Sanic serves nothing before it had one."""
    ready = False

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal ready
        if not ready:
            ready = True
            await _startup(app)
        await app(scope, receive, send)

    return serve


async def _startup(app: Sanic[Any, Any]) -> None:
    up = asyncio.Event()

    async def receive() -> dict[str, str]:
        if not up.is_set():
            return {"type": "lifespan.startup"}
        raise asyncio.CancelledError

    async def send(message: Any) -> None:
        assert message["type"] == "lifespan.startup.complete", message
        up.set()

    try:
        await app({"type": "lifespan"}, receive, send)
    except asyncio.CancelledError:
        return


def over_asgi(app: Sanic[Any, Any], world: World, **options: Any) -> Built:
    options = {"base_url": world.origin, "base_path": world.base_path, **options}
    browser = AuthClient.asgi(started(app), now=world.now, **options)

    def close() -> None:
        browser.close()
        Sanic.unregister_app(app)

    return Built(browser, close)


def over_server(app: Sanic[Any, Any], world: World, **options: Any) -> Built:
    """Sanic's own server, in a thread."""
    address, stop = serve(app)
    options = {"base_url": world.origin, "base_path": world.base_path, **options}
    return Built(AuthClient.server(address, now=world.now, **options), stop)


def serve(app: Sanic[Any, Any]) -> tuple[str, Callable[[], None]]:
    """The address of Sanic's own server in a thread, and what stops it."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    loop = asyncio.new_event_loop()
    up, down = Event(), asyncio.Event()

    async def run() -> None:
        server = await app.create_server(sock=listening, access_log=False)
        assert server is not None
        await server.startup()
        await server.before_start()
        await server.after_start()
        await server.start_serving()
        up.set()
        await down.wait()
        await server.before_stop()
        closing = server.close()
        for connection in list(server.connections):
            connection.close()
        await closing
        await server.after_stop()

    def background() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(run())
        finally:
            loop.close()

    thread = Thread(target=background)
    thread.start()
    assert up.wait(10)

    def stop() -> None:
        loop.call_soon_threadsafe(down.set)
        thread.join(10)
        listening.close()
        Sanic.unregister_app(app)

    return f"http://127.0.0.1:{listening.getsockname()[1]}", stop


def build_sanic(config: AuthConfig[User], world: World) -> Built:
    return over_server(sanic_app(SanicAuth(config)), world)


def build_sanic_asgi(config: AuthConfig[User], world: World) -> Built:
    return over_asgi(sanic_app(SanicAuth(config)), world)


BUILDERS: dict[str, Builder] = {"sanic": build_sanic, "sanic-asgi": build_sanic_asgi}
