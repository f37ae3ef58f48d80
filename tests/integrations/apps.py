"""The same small app, written for each framework in its own way.

=============  ==================================================================================
``/``          everybody; says who is there
``/me``        people who are signed in
``/ada``       only Ada
``/twice``     reads the session twice
``/vault/…``   protected by path, but not ``/vault/open``
``/enter``     POST: the app's own sign-in form
``/leave``     POST: the app's own sign-out button
``/rename``    POST: updates the session on the server
``/quit``      reads the session, then signs out
=============  ==================================================================================
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from wsgiref.validate import validator

from flask import Flask, jsonify
from flask import Response as FlaskResponse
from flask import request as flask_request
from starlette.applications import Starlette
from starlette.requests import Request as StarRequest
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.responses import Response as StarResponse
from starlette.routing import Mount, Route
from tests.integrations.fastapi_app import PROTECT, PUBLIC, fastapi_app, who
from tests.integrations.world import World, is_ada

from authwire import Auth, AuthConfig, SyncAuth, User
from authwire.http import Response
from authwire.integrations import asgi, wsgi
from authwire.integrations.fastapi import FastAPIAuth
from authwire.integrations.flask import FlaskAuth, current_session
from authwire.integrations.starlette import StarletteAuth
from authwire.runtime import PortalRuntime
from authwire.runtime.asgi import ASGIApp, Receive, Scope, Send, read_request, send_response
from authwire.runtime.wsgi import Environ, StartResponse, WSGIApp, start
from authwire.runtime.wsgi import request_of as wsgi_request_of
from authwire.testing.client import AuthClient


@dataclass(frozen=True)
class Built:
    """An app, and the browser that talks to it."""

    browser: AuthClient
    close: Callable[[], None] = lambda: None


# --- Starlette ------------------------------------------------------------------------------------


def starlette_app(auth: StarletteAuth[User], mount: str = "/auth") -> Starlette:
    async def home(request: StarRequest) -> StarResponse:
        return JSONResponse({"name": request.user.display_name or None})

    @auth.required
    def me(request: StarRequest) -> StarResponse:
        return JSONResponse({"name": request.user.display_name})

    @auth.require(is_ada)
    async def ada(request: StarRequest) -> StarResponse:
        return JSONResponse(who(await auth.session(request)))

    async def twice(request: StarRequest) -> StarResponse:
        assert await auth.session(request) is await auth.session(request)
        return JSONResponse(who(await auth.session(request)))

    async def vault(request: StarRequest) -> StarResponse:
        return PlainTextResponse("open")

    async def enter(request: StarRequest) -> StarResponse:
        form = dict(await request.form())
        return await auth.sign_in(request, "credentials", form=form, callback_url="/me")

    async def leave(request: StarRequest) -> StarResponse:
        return await auth.sign_out(request, callback_url="/")

    @auth.required
    async def rename(request: StarRequest) -> StarResponse:
        session = await auth.update_session(request, {"name": "Countess"})
        return JSONResponse(session.data if session else None)

    return Starlette(
        routes=[
            Mount(mount, routes=auth.routes, name="auth"),
            Route("/", home),
            Route("/me", me),
            Route("/ada", ada),
            Route("/twice", auth.required(twice)),
            Route("/vault/{name}", vault),
            Route("/enter", enter, methods=["POST"]),
            Route("/leave", leave, methods=["POST"]),
            Route("/quit", leave, methods=["POST"]),
            Route("/rename", rename, methods=["POST"]),
        ],
        middleware=[auth.middleware(protect=PROTECT, public=PUBLIC)],
    )


# --- Flask ----------------------------------------------------------------------------------------


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


# --- plain ASGI and WSGI --------------------------------------------------------------------------


def as_json(data: object) -> Response:
    fields = (("content-type", "application/json"),)
    return Response(headers=fields, body=json.dumps(data).encode())


def form_of(body: Any) -> dict[str, Any]:
    return dict(body)


def asgi_app(auth: Auth[User]) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive) -> Response:
        visit = scope["authwire"]
        request = await read_request(scope, receive)
        session = await asgi.session(scope, auth)
        match request.path:
            case "/":
                return as_json(who(session))
            case "/enter":
                return await auth.sign_in(
                    request, "credentials", form=request.form, callback_url="/me"
                )
            case "/leave" | "/quit":
                return await auth.sign_out(request, callback_url="/")
            case "/vault/open" | "/vault/gold":
                return as_json("open")
        if session is None:
            return auth.unauthenticated(request)
        match request.path:
            case "/me" | "/twice":
                return as_json(who(await visit.session()))
            case "/ada":
                return as_json(who(session)) if is_ada(session) else Response(status=403)
            case "/rename":
                new = await auth.update_session(request, {"name": "Countess"}, jar=visit.jar)
                return as_json(new.data if new else None)
        return Response(status=404)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send_response(send, await answer(scope, receive))

    return asgi.AuthMiddleware(app, auth, protect=PROTECT, public=PUBLIC)


def wsgi_app(auth: SyncAuth[User]) -> WSGIApp:
    def answer(environ: Environ) -> Response:
        visit = environ["authwire"]
        request = wsgi_request_of(environ)
        session = wsgi.session(environ, auth)
        match request.path:
            case "/":
                return as_json(who(session))
            case "/enter":
                return auth.sign_in(request, "credentials", form=request.form, callback_url="/me")
            case "/leave" | "/quit":
                return auth.sign_out(request, callback_url="/")
            case "/vault/open" | "/vault/gold":
                return as_json("open")
        if session is None:
            return auth.unauthenticated(request)
        match request.path:
            case "/me" | "/twice":
                return as_json(who(visit.session()))
            case "/ada":
                return as_json(who(session)) if is_ada(session) else Response(status=403)
            case "/rename":
                new = auth.update_session(request, {"name": "Countess"}, jar=visit.jar)
                return as_json(new.data if new else None)
        return Response(status=404)

    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return start(start_response, answer(environ))

    return wsgi.AuthMiddleware(app, auth, protect=PROTECT, public=PUBLIC)


# --- all of them ----------------------------------------------------------------------------------


def build_fastapi(config: AuthConfig[User], world: World) -> Built:
    app = fastapi_app(FastAPIAuth(config), middleware=False)
    return _async(app, world)


def build_fastapi_middleware(config: AuthConfig[User], world: World) -> Built:
    app = fastapi_app(FastAPIAuth(config), middleware=True)
    return _async(app, world)


def build_starlette(config: AuthConfig[User], world: World) -> Built:
    return _async(starlette_app(StarletteAuth(config)), world)


def build_asgi(config: AuthConfig[User], world: World) -> Built:
    return _async(asgi_app(Auth(config)), world)


def build_flask(config: AuthConfig[User], world: World) -> Built:
    return _sync(flask_app(FlaskAuth(config)), world)


def build_flask_portal(config: AuthConfig[User], world: World) -> Built:
    runtime = PortalRuntime()
    return _sync(flask_app(FlaskAuth(config, runtime=runtime)), world, runtime.close)


def build_wsgi(config: AuthConfig[User], world: World) -> Built:
    return _sync(wsgi_app(SyncAuth(config)), world)


def build_wsgi_portal(config: AuthConfig[User], world: World) -> Built:
    runtime = PortalRuntime()
    return _sync(wsgi_app(SyncAuth(config, runtime=runtime)), world, runtime.close)


def _async(app: Any, world: World) -> Built:
    browser = AuthClient.asgi(app, now=world.now, base_url=world.origin, base_path=world.base_path)
    return Built(browser, browser.close)


def _sync(app: Any, world: World, close: Callable[[], None] = lambda: None) -> Built:
    checked = validator(_with_content_type(app))  # PEP 3333 to the letter
    browser = AuthClient.wsgi(
        checked, now=world.now, base_url=world.origin, base_path=world.base_path
    )
    return Built(browser, close)


def _with_content_type(app: WSGIApp) -> WSGIApp:
    """The validator wants one even where there is no content, which PEP 3333 does not."""

    def wrapped(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        def begin(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            if not any(name.lower() == "content-type" for name, _ in headers):
                headers = [*headers, ("Content-Type", "text/plain")]
            return start_response(status, headers, *exc_info)

        return app(environ, begin)

    return wrapped


Builder = Callable[[AuthConfig[User], World], Built]
BUILDERS: dict[str, Builder] = {
    "fastapi": build_fastapi,
    "fastapi-middleware": build_fastapi_middleware,
    "starlette": build_starlette,
    "asgi": build_asgi,
    "flask": build_flask,
    "flask-portal": build_flask_portal,
    "wsgi": build_wsgi,
    "wsgi-portal": build_wsgi_portal,
}
