"""Flask: an extension with a blueprint, ``current_session``, decorators and a command."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final, Generic, TypeVar, cast
from urllib.parse import quote, urlencode

from authwire.auth import SyncAuth
from authwire.config import AuthConfig
from authwire.http import MAX_BODY_BYTES
from authwire.http import Request as AuthRequest
from authwire.http import Response as AuthResponse
from authwire.integrations._blueprint import (
    ENDPOINTS,
    METHODS,
    PROVIDER_ENDPOINTS,
    Mount,
)
from authwire.integrations._paths import Gate, Paths
from authwire.integrations._visit import SyncVisit
from authwire.models import Session, U, User
from authwire.passkeys import SyncPasskeys
from authwire.runtime import InlineRuntime, PortalRuntime
from authwire.runtime._callables import is_async_callable
from authwire.runtime.wsgi import Environ, request_of

try:
    import click
    from flask import Blueprint, Flask, Response, abort, current_app, has_request_context, request
    from flask.cli import AppGroup
    from werkzeug.datastructures import Headers
    from werkzeug.local import LocalProxy

    from authwire.integrations._werkzeug import REST, Rest, behind, with_fields
except ModuleNotFoundError as exc:  # pragma: no cover  # tests have it
    raise ModuleNotFoundError(
        "this needs Flask: pip install 'authwire[flask]'", name=exc.name
    ) from exc

__all__ = ["FlaskAuth", "current_session", "to_response"]

F = TypeVar("F", bound=Callable[..., Any])
Config = AuthConfig[U] | SyncAuth[U] | Callable[[AuthRequest], AuthConfig[U]]
_KEY: Final = "authwire"
_request_now = behind(request)
_app_now = behind(current_app)


class _Answer(Response):
    """Sends ``Location`` as it is; Werkzeug would encode it anew."""

    def get_wsgi_headers(self, environ: Environ) -> Headers:
        headers = super().get_wsgi_headers(environ)
        location = self.headers.get("location")
        if location is not None:
            headers["location"] = location
        return headers


def to_response(response: AuthResponse) -> Response:
    """Authwire's answer as Flask's, cookies and all."""
    native = _Answer(response.body, response.status)
    native.headers.clear()
    for name, value in response.wire_headers():
        native.headers.add(name, value)
    return native


def _current_session() -> Session[User] | None:
    if not has_request_context():
        raise RuntimeError("current_session needs a request")
    auth: FlaskAuth[User] | None = _app_now().extensions.get(_KEY)
    if auth is None:
        raise RuntimeError("no FlaskAuth in this app: call auth.init_app(app)")
    return auth.session()


current_session: Session[User] = cast("Session[User]", LocalProxy(_current_session))
"""The session of the current request; false if there is none. Read when it is first looked at."""


class FlaskAuth(Generic[U]):
    """Authentication for Flask.

    Args:
        config: an `AuthConfig`, a function that chooses one by request, or a `SyncAuth`.
        app: the app, if it exists already; else call `init_app`.
        url_prefix: where the blueprint is in the app, if that is not the base path: if the app is
            served below ``/app`` it is ``/auth`` while the base path is ``/app/auth``.
        runtime: ``PortalRuntime()`` if callbacks or the adapter are async.
    """

    def __init__(
        self,
        config: Config[U],
        app: Flask | None = None,
        *,
        url_prefix: str | None = None,
        runtime: InlineRuntime | PortalRuntime | None = None,
    ) -> None:
        self.auth: SyncAuth[U] = (
            config if isinstance(config, SyncAuth) else SyncAuth(config, runtime=runtime)
        )
        prefix = self.auth.base_path() if url_prefix is None else url_prefix.rstrip("/")
        self._prefix = prefix
        self._mount = Mount(self.auth)
        self.blueprint = self._blueprint(prefix)
        self.current_session: Session[U] = cast("Session[U]", LocalProxy(self.session))
        """`current_session` with your own user type."""
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Add the routes, ``current_session`` in templates, rolled cookies and ``flask auth``."""
        app.extensions[_KEY] = self
        app.register_blueprint(self.blueprint)
        app.after_request(self._send_cookies)
        app.context_processor(lambda: {"current_session": self.current_session})

    def protect(self, app: Flask, paths: Paths, *, public: Paths = ()) -> None:
        """Let only those see ``paths`` whom the ``authorized`` callback lets in.

        Args:
            app: the app.
            paths: what to protect. See `Paths` for what a pattern means.
            public: exceptions.
        """
        gate = Gate(paths, public, routes=self._prefix)

        def stop_strangers() -> Response | None:
            refusal = self.visit().stopped(gate, _request_now().path)
            return None if refusal is None else to_response(refusal)

        app.before_request(stop_strangers)

    # --- in a view ------------------------------------------------------------------------------

    def visit(self) -> SyncVisit[U]:
        """The visit of the current request."""
        # In the environment, not in flask.g: tests and commands may share one g among requests.
        environ = _request_now().environ
        visit = environ.get(_KEY)
        if not isinstance(visit, SyncVisit) or visit.auth is not self.auth:
            asked = request_of(environ, native=request, body=b"")
            visit = environ[_KEY] = SyncVisit(self.auth, asked)
        return cast("SyncVisit[U]", visit)

    def session(self) -> Session[U] | None:
        """Who is signed in. Raises like `Auth.session`."""
        return self.visit().session()

    def update_session(self, data: Any) -> Session[U] | None:
        """Run the callbacks with ``trigger="update"`` and ``data``, as the client's ``update()`` does.

        The new cookie goes out with whatever the view returns.
        """
        return self.visit().update_session(data)

    def sign_in(
        self,
        provider: str | None = None,
        *,
        form: Mapping[str, Any] | None = None,
        callback_url: str | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Response:
        """Sign in from a view of your own; returns the redirect to give. See `Auth.sign_in`."""
        visit = self.visit()
        return to_response(
            visit.sign_in(provider, form=form, callback_url=callback_url, params=params)
        )

    def sign_out(self, *, callback_url: str | None = None, everywhere: bool = False) -> Response:
        """End the session; returns the redirect to give, which clears the cookies."""
        return to_response(self.visit().sign_out(callback_url=callback_url, everywhere=everywhere))

    def passkeys(self) -> SyncPasskeys[U]:
        """The passkeys of whoever is signed in: ``auth.passkeys().list()``."""
        return self.auth.passkeys(self.visit().request)

    def required(self, view: F) -> F:
        """Decorator: only for people who are signed in.

        Browsers are sent to the sign-in page and come back afterwards; programs get 401.
        """
        return self.require(lambda _: True)(view)

    def require(self, predicate: Callable[[Session[U]], bool]) -> Callable[[F], F]:
        """Decorator: only for people whose session passes ``predicate``; others get 403."""

        def decorate(view: F) -> F:
            # Flask asks ``ensure_sync`` about us, and so about a plain view too.
            is_async = is_async_callable(view)

            @wraps(view)
            def guarded(*args: Any, **kwargs: Any) -> Any:
                session = self.session()
                if session is None:
                    return to_response(self.auth.unauthenticated(self.visit().request))
                if not predicate(session):
                    abort(403)
                call = _app_now().ensure_sync(view) if is_async else view
                return call(*args, **kwargs)

            return cast("F", guarded)

        return decorate

    # --- routes ---------------------------------------------------------------------------------

    def _blueprint(self, prefix: str) -> Blueprint:
        blueprint = Blueprint("auth", __name__, url_prefix=prefix or None, cli_group=None)
        blueprint.cli.add_command(_commands)

        def add(rule: str, endpoint: str, view: Callable[..., Response]) -> None:
            blueprint.add_url_rule(
                rule, endpoint, view, methods=METHODS, provide_automatic_options=False
            )

        for endpoint, action in ENDPOINTS.items():
            add(f"/{action}", endpoint, lambda a=action: self._answer(a))
        for endpoint, action in PROVIDER_ENDPOINTS.items():
            add(
                f"/{action}/<provider>",
                endpoint,
                lambda provider, a=action: self._answer(f"{a}/{quote(provider, safe='~')}"),
            )
        if prefix:  # at the root the other paths are the app's
            blueprint.record(lambda s: s.app.url_map.converters.update({REST: Rest}))
            add(f"/<{REST}:path>", "unknown", lambda path: self._answer(quote(path, safe="/~")))
        return blueprint

    def _answer(self, tail: str) -> Response:
        if (request.content_length or 0) > MAX_BODY_BYTES:
            return to_response(AuthResponse(status=413))
        asked = request_of(request.environ, native=request, body=_body())
        self.visit().disown()  # our answer has its own cookies, whatever was read before
        return to_response(self.auth.handle(self._mount.asked(asked, tail)))

    def _send_cookies(self, response: Response) -> Response:
        visit = _request_now().environ.get(_KEY)
        if not isinstance(visit, SyncVisit) or visit.auth is not self.auth or not visit.touched:
            return response
        return with_fields(response, visit.fields([(k.lower(), v) for k, v in response.headers]))


def _body() -> bytes:
    """The body, also if something before us (a CSRF extension) has parsed it as a form."""
    if request.content_length is None and request.environ.get("wsgi.input_terminated"):
        body = request.stream.read(MAX_BODY_BYTES + 1)  # chunked: its length is not known before
        return body if len(body) <= MAX_BODY_BYTES else abort(413)
    body = request.get_data()
    if not body and request.form:
        return urlencode(list(request.form.items(multi=True))).encode()
    return body


_commands = AppGroup("auth", help="Authwire.")


@_commands.command("secret")
def _secret() -> None:
    """Print a new value for AUTH_SECRET."""
    click.echo(secrets.token_urlsafe(32))
