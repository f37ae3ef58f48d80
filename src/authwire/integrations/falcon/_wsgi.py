"""``falcon.App``, over `SyncAuth`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, cast

import falcon
import falcon.asgi
from falcon import App, Request, Response

from authwire.auth import SyncAuth
from authwire.config import AuthConfig
from authwire.http import MAX_BODY_BYTES
from authwire.http import Request as AuthRequest
from authwire.http import Response as AuthResponse
from authwire.integrations._blueprint import Mount
from authwire.integrations._paths import Gate, Paths
from authwire.integrations._visit import SyncVisit
from authwire.integrations.falcon._answers import put, refusal, send_cookies, tail, templates
from authwire.integrations.falcon._hooks import Guard, guard
from authwire.models import Session, U
from authwire.passkeys import SyncPasskeys
from authwire.runtime import InlineRuntime, PortalRuntime
from authwire.runtime.wsgi import request_of

__all__ = ["SyncFalconAuth"]

Config = AuthConfig[U] | SyncAuth[U] | Callable[[AuthRequest], AuthConfig[U]]
_KEY: Final = "authwire"


class SyncFalconAuth(Generic[U]):
    """Authentication for ``falcon.App``. See `FalconAuth`.

    Args:
        config: an `AuthConfig`, a function that chooses one by request, or a `SyncAuth`.
        app: the app, if it exists already; else call `init_app`.
        prefix: where the routes are in the app, if that is not the base path: if the app is served
            below ``/app`` it is ``/auth`` while the base path is ``/app/auth``.
        runtime: ``PortalRuntime()`` if callbacks or the adapter are async.
    """

    required: Guard
    """Decorator and hook: only for people who are signed in.

    Browsers are sent to the sign-in page and come back afterwards; programs get 401.
    """

    def __init__(
        self,
        config: Config[U],
        app: App[Any, Any] | None = None,
        *,
        prefix: str | None = None,
        runtime: InlineRuntime | PortalRuntime | None = None,
    ) -> None:
        self.auth: SyncAuth[U] = (
            config if isinstance(config, SyncAuth) else SyncAuth(config, runtime=runtime)
        )
        self.required = self.require(lambda _: True)
        self._prefix = self.auth.base_path() if prefix is None else prefix.rstrip("/")
        if app is not None:
            self.init_app(app)

    def init_app(self, app: App[Any, Any]) -> None:
        """Add the routes and rolled cookies to ``app``.

        Raises:
            TypeError: if it is an ASGI app.
        """
        if isinstance(app, falcon.asgi.App):
            raise TypeError("a falcon.asgi.App is asynchronous: it needs FalconAuth")
        routes = _Routes(self, self._prefix)
        for template in templates(self._prefix):
            app.add_route(template, routes)
        app.add_middleware(_Cookies(self))

    def protect(self, app: App[Any, Any], paths: Paths, *, public: Paths = ()) -> None:
        """See `FalconAuth.protect`."""
        app.add_middleware(_Protection(self, Gate(paths, public, routes=self._prefix)))

    # --- in a responder -------------------------------------------------------------------------

    def visit(self, req: Request) -> SyncVisit[U]:
        """The visit of this request."""
        visit = req.env.get(_KEY)
        if not isinstance(visit, SyncVisit) or visit.auth is not self.auth:
            request = request_of(req.env, native=req, body=b"")
            visit = req.env[_KEY] = SyncVisit(self.auth, request)
        return cast("SyncVisit[U]", visit)

    def session(self, req: Request) -> Session[U] | None:
        """Who is signed in. Raises like `Auth.session`."""
        return self.visit(req).session()

    def current_session(self, req: Request) -> Session[U]:
        """The session where `required` or `require` has seen that there is one.

        Raises:
            LookupError: if there is none.
        """
        session = self.session(req)
        if session is None:
            raise LookupError("no session here: put @auth.required on the responder")
        return session

    def update_session(self, req: Request, data: Any) -> Session[U] | None:
        """See `FalconAuth.update_session`."""
        return self.visit(req).update_session(data)

    def sign_in(
        self,
        req: Request,
        resp: Response,
        provider: str | None = None,
        *,
        form: Mapping[str, Any] | None = None,
        callback_url: str | None = None,
        params: Mapping[str, str] | None = None,
    ) -> None:
        """Sign in from a responder of your own; makes ``resp`` the redirect. See `Auth.sign_in`."""
        visit = self.visit(req)
        put(resp, visit.sign_in(provider, form=form, callback_url=callback_url, params=params))

    def sign_out(
        self,
        req: Request,
        resp: Response,
        *,
        callback_url: str | None = None,
        everywhere: bool = False,
    ) -> None:
        """End the session; makes ``resp`` the redirect, which clears the cookies."""
        put(resp, self.visit(req).sign_out(callback_url=callback_url, everywhere=everywhere))

    def passkeys(self, req: Request) -> SyncPasskeys[U]:
        """The passkeys of whoever is signed in: ``auth.passkeys(req).list()``."""
        return self.auth.passkeys(self.visit(req).request)

    def require(self, predicate: Callable[[Session[U]], bool]) -> Guard:
        """Decorator and hook: only for people whose session passes ``predicate``; others get 403."""

        def hook(req: Request, *_: object) -> None:
            session = self.session(req)
            if session is None:
                raise refusal(self.auth.unauthenticated(self.visit(req).request))
            if not predicate(session):
                raise falcon.HTTPForbidden

        return guard(hook)


class _Routes:
    """The resource of all routes."""

    def __init__(self, auth: SyncFalconAuth[Any], prefix: str) -> None:
        self._auth = auth
        self._prefix = prefix
        self._mount = Mount(auth.auth)

    def on_get(self, req: Request, resp: Response, **_: str) -> None:
        """Answer, whatever the method is: the core knows which it serves."""
        self._auth.visit(req).disown()  # our answer has its own cookies, whatever was read before
        body = _body(req)
        if len(body) > MAX_BODY_BYTES:
            put(resp, AuthResponse(status=413))
            return
        request = request_of(req.env, native=req, body=body)
        asked = self._mount.asked(request, tail(req.path, self._prefix))
        put(resp, self._auth.auth.handle(asked))

    on_head = on_post = on_put = on_patch = on_delete = on_options = on_get


class _Cookies:
    """Sends rolled cookies."""

    def __init__(self, auth: SyncFalconAuth[Any]) -> None:
        self._auth = auth

    def process_response(self, req: Request, resp: Response, *_: Any, **__: Any) -> None:
        visit = req.env.get(_KEY)
        if isinstance(visit, SyncVisit) and visit.auth is self._auth.auth:
            send_cookies(resp, visit)


class _Protection:
    """Asks the ``authorized`` callback."""

    def __init__(self, auth: SyncFalconAuth[Any], gate: Gate) -> None:
        self._auth = auth
        self._gate = gate

    def process_request(self, req: Request, resp: Response) -> None:
        answer = self._auth.visit(req).stopped(self._gate, req.path)
        if answer is not None:
            put(resp, answer)
            resp.complete = True


def _body(req: Request) -> bytes:
    """The body, or one byte more than is allowed of a larger one."""
    if req.content_length is None and req.env.get("wsgi.input_terminated"):
        return req.stream.read(MAX_BODY_BYTES + 1)  # chunked: its length is not known before
    return req.bounded_stream.read(MAX_BODY_BYTES + 1)
