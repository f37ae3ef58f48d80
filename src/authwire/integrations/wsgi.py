"""Any WSGI app: routes, session and path protection by one middleware."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, cast

from authwire.auth import SyncAuth
from authwire.errors import ConfigError
from authwire.http import Request, Response
from authwire.integrations._paths import Gate, Paths, is_ours, with_next
from authwire.integrations._visit import SyncVisit
from authwire.models import Session, U
from authwire.runtime.wsgi import Environ, StartResponse, WSGIApp, request_of, start, wsgi_app

__all__ = ["AuthMiddleware", "SyncVisit", "session"]


class AuthMiddleware(Generic[U]):
    """Serves everything below the base path, and tells the wrapped app who is signed in.

    The app reads the session with ``environ["authwire"].session()`` (or, with type checks,
    ``session(environ, auth)``); nothing is decrypted before. Cookies that reading or updating the
    session made are sent with the answer.

    Args:
        app: the app to wrap.
        auth: the authentication.
        protect: the paths that need the ``authorized`` callback's consent, by default a session. See
            `Paths` for what a pattern means.
        public: exceptions from ``protect``.
    """

    def __init__(
        self,
        app: WSGIApp,
        auth: SyncAuth[U],
        *,
        protect: Paths | None = None,
        public: Paths = (),
    ) -> None:
        self.app = app
        self.auth = auth
        self._gate = Gate(protect, public)
        self._routes = wsgi_app(self._handle)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        request = request_of(environ, body=b"")
        if is_ours(request, self._base_path(request)):
            return self._routes(environ, start_response)
        visit = SyncVisit(self.auth, request)
        environ["authwire"] = visit

        def start_with_cookies(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Any:
            if visit.touched:
                added = visit.fields([(name.lower(), value) for name, value in headers])
                headers = headers + [(name.title(), value) for name, value in added]
            # Without exc_info it is not passed on: servers take its presence for an error.
            return start_response(status, headers, *([exc_info] if exc_info else []))

        if self._gate.closed:
            refusal = visit.stopped(self._gate, _decoded(environ.get("PATH_INFO", "")))
            if refusal is not None:
                return start(start_with_cookies, refusal)
        return self.app(environ, start_with_cookies)

    def _handle(self, request: Request) -> Response:
        return self.auth.handle(with_next(request))

    def _base_path(self, request: Request) -> str:
        try:
            return self.auth.base_path(request)
        except ConfigError:
            return self.auth.base_path()  # handle() tells what is wrong with the tenant's config


def session(environ: Environ, auth: SyncAuth[U]) -> Session[U] | None:
    """Who is signed in, inside an app that `AuthMiddleware` wraps.

    Raises:
        LookupError: if it does not.
        AuthError: see `Auth.session`.
    """
    visit = environ.get("authwire")
    if not isinstance(visit, SyncVisit) or visit.auth is not auth:
        raise LookupError("no session here: wrap the app in AuthMiddleware(app, auth)")
    return cast("SyncVisit[U]", visit).session()


def _decoded(path_info: str) -> str:
    """``PATH_INFO`` as text; WSGI hands over its bytes as latin-1 (PEP 3333)."""
    return path_info.encode("latin-1", "replace").decode("utf-8", "replace")
