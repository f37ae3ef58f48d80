from __future__ import annotations

from collections.abc import Iterable

from tests.integrations.apps._common import (
    PROTECT,
    PUBLIC,
    Builder,
    Built,
    as_json,
    over_wsgi,
    who,
)
from tests.integrations.world import World, is_ada

from authwire import AuthConfig, SyncAuth, User
from authwire.http import Response
from authwire.integrations import wsgi
from authwire.runtime import PortalRuntime
from authwire.runtime.wsgi import Environ, StartResponse, WSGIApp, start
from authwire.runtime.wsgi import request_of as wsgi_request_of


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


def build_wsgi(config: AuthConfig[User], world: World) -> Built:
    return over_wsgi(wsgi_app(SyncAuth(config)), world)


def build_wsgi_portal(config: AuthConfig[User], world: World) -> Built:
    runtime = PortalRuntime()
    return over_wsgi(wsgi_app(SyncAuth(config, runtime=runtime)), world, runtime.close)


BUILDERS: dict[str, Builder] = {"wsgi": build_wsgi, "wsgi-portal": build_wsgi_portal}
