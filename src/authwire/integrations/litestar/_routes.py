"""The routes of Authwire as route handlers of Litestar."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, cast, get_args
from urllib.parse import quote, unquote

from litestar.connection import Request
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send
from litestar.utils import normalize_path

from authwire.core.route import Action
from authwire.errors import ConfigError
from authwire.http import MAX_BODY_BYTES
from authwire.http import Request as AuthRequest
from authwire.integrations._paths import with_next
from authwire.integrations.litestar._sessions import Sessions
from authwire.runtime.asgi import send_response

__all__ = ["Endpoint", "is_ours", "route_handlers"]

_PER_PROVIDER: Final[tuple[Action, ...]] = ("signin", "callback", "webauthn-options")
_OURS: Final = "authwire_route"


class Endpoint:
    """All routes: what is asked below the prefix is answered as if below the base path.

    So the routes may be anywhere; the base path is where browsers find them.

    Args:
        sessions: the plugin.
        prefix: where the routes are in the app, with the path of the app itself.
    """

    def __init__(self, sessions: Sessions[Any], prefix: str) -> None:
        self._sessions = sessions
        self._prefix = prefix
        self._warned = False

    async def answer(self, request: Request[Any, Any, Any]) -> ASGIApp:
        """The route handler."""
        visit = self._sessions.visit(request)
        visit.disown()  # our answer has its own cookies, whatever was read before
        tail = request.scope["path"][len(self._prefix) :].strip("/")
        path = f"{self._base_path(visit.request)}/{quote(tail, safe='/~')}"
        if _spelt_out(visit.request.path) != _spelt_out(path) and not self._warned:
            self._warn(visit.request, path)
        # Not from the wire: a middleware of the app may have read it.
        body = await request.body()
        asked = replace(visit.request, path=path, body=body, native=request)
        response = await self._sessions.auth.handle(with_next(asked))

        async def send_it(_scope: Scope, _receive: Receive, send: Send) -> None:
            await send_response(cast("Any", send), response)

        return send_it

    def _base_path(self, request: AuthRequest) -> str:
        auth = self._sessions.auth
        try:
            return auth.base_path(request)
        except ConfigError:
            return auth.base_path()  # handle() tells what is wrong with the tenant's config

    def _warn(self, request: AuthRequest, path: str) -> None:
        self._warned = True
        try:
            log = self._sessions.auth.engine(request).log
        except ConfigError:
            return
        log.warning(
            "base-path",
            "a route is mounted elsewhere than AuthConfig(base_path=…) says: links lead to"
            f" {path!r}. If a proxy in front puts the two together, all is well",
        )


def route_handlers(
    endpoint: Endpoint, prefix: str, *, name: str, opt: dict[str, Any]
) -> list[HTTPRouteHandler]:
    """The handlers, with names for ``app.route_reverse("auth:signin")``.

    They are no mount: one at ``/auth`` would answer ``/authors/{name}`` as well.

    Args:
        endpoint: answers.
        prefix: where in the app; nothing for its root.
        name: what all names begin with.
        opt: options for middleware of the app.
    """
    actions: tuple[Action, ...] = get_args(Action)
    handlers: list[HTTPRouteHandler] = []
    for action in actions:
        paths = [f"{prefix}/{action}"]
        if action in _PER_PROVIDER:
            paths.append(f"{prefix}/{action}/{{provider:path}}")
        handlers.append(_handler(endpoint, paths, f"{name}:{action}", opt))
    if prefix:  # at the root the other paths are the app's
        paths = [prefix, f"{prefix}/{{path:path}}"]
        handlers.append(_handler(endpoint, paths, f"{name}:unknown", opt))
    return handlers


def _handler(
    endpoint: Endpoint, paths: list[str], name: str, opt: dict[str, Any]
) -> HTTPRouteHandler:
    handler = HTTPRouteHandler(
        paths,
        name=name,
        http_method=list(HttpMethod),
        after_request=_as_it_is,
        request_max_body_size=MAX_BODY_BYTES,
        include_in_schema=False,
        opt={**opt, _OURS: endpoint},
    )
    return handler(endpoint.answer)


def _spelt_out(path: str) -> str:
    return normalize_path(unquote(path))


async def _as_it_is(response: ASGIApp) -> ASGIApp:
    # A hook of the whole app expects a Response of Litestar's.
    return response


def is_ours(route_handler: Any) -> bool:
    """Whether ``route_handler`` is one of Authwire's, of whatever plugin."""
    return isinstance(getattr(route_handler, "opt", {}).get(_OURS), Endpoint)
