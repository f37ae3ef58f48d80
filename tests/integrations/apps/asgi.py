from __future__ import annotations

from tests.integrations.apps._common import (
    PROTECT,
    PUBLIC,
    Builder,
    Built,
    as_json,
    over_asgi,
    who,
)
from tests.integrations.world import World, is_ada

from authwire import Auth, AuthConfig, User
from authwire.http import Response
from authwire.integrations import asgi
from authwire.runtime.asgi import ASGIApp, Receive, Scope, Send, read_request, send_response


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


def build_asgi(config: AuthConfig[User], world: World) -> Built:
    return over_asgi(asgi_app(Auth(config)), world)


BUILDERS: dict[str, Builder] = {"asgi": build_asgi}
