"""What happens to each request of an app, also if it is mounted in another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, Generic, cast
from weakref import WeakKeyDictionary, WeakSet

from bottle import Bottle  # type: ignore[import-untyped]  # Bottle has no types

from authwire.auth import SyncAuth
from authwire.integrations._paths import Gate
from authwire.integrations._visit import SyncVisit
from authwire.integrations.bottle._translate import current, to_request, to_response
from authwire.models import U
from authwire.runtime.wsgi import Environ, StartResponse

__all__ = ["Serving"]

_KEY: Final = "authwire"


class Serving(Generic[U]):
    """Visits, their cookies and the protected paths of the apps of one `BottleAuth`."""

    def __init__(self, auth: SyncAuth[U]) -> None:
        self._auth = auth
        self._carried: WeakSet[Any] = WeakSet()
        self._gates: WeakKeyDictionary[Any, list[Gate]] = WeakKeyDictionary()

    def visit(self) -> SyncVisit[U]:
        """The visit of the current request.

        Raises:
            RuntimeError: if nobody would send its cookies.
        """
        environ: Environ = current.environ
        visit = self._visit_in(environ)
        if visit is None:
            if current.app not in self._carried:
                raise RuntimeError("nobody sends the cookies here: call app.install(auth)")
            visit = environ[_KEY] = SyncVisit(self._auth, to_request(environ, body=b""))
        return visit

    def _visit_in(self, environ: Environ) -> SyncVisit[U] | None:
        visit = environ.get(_KEY)
        if isinstance(visit, SyncVisit) and visit.auth is self._auth:
            return cast("SyncVisit[U]", visit)
        return None

    def carry(self, app: Bottle) -> None:
        """Put the cookies on the answers of ``app``.

        Not in a hook: those run before a generator yields its first piece, and the headers they add
        stay on responses that the app raises again and again.
        """
        if app in self._carried:
            return
        self._carried.add(app)
        inner = app.wsgi

        def wsgi(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
                visit = self._visit_in(environ)
                if visit is not None and visit.touched:
                    added = visit.fields([(name.lower(), value) for name, value in headers])
                    headers = headers + [(name.title(), value) for name, value in added]
                # Without exc_info it is not passed on: servers take its presence for an error.
                return start_response(status, headers, *([exc_info] if exc_info else []))

            return cast("Iterable[bytes]", inner(environ, start))

        object.__setattr__(app, "wsgi", wsgi)  # Bottle lets a plugin set an attribute only once
        _when_mounted(app, lambda parent, _: self.carry(parent))

    def protect(self, app: Bottle, gate: Gate) -> None:
        """Stop requests at ``app`` that ``gate`` forbids."""
        self._gates.setdefault(app, []).append(gate)
        self._guard(app, gate, "")

    def check_merged(self, app: Bottle) -> None:
        """Protect a route of ``app`` in an app that took it over by ``merge``."""
        if current.app is not app and "_mount.app" not in app.config:
            for gate in self._gates.get(app, ()):
                self._stop(gate, current.environ["PATH_INFO"])

    def _guard(self, app: Bottle, gate: Gate, prefix: str) -> None:
        def stop_strangers() -> None:
            path: str = current.environ["PATH_INFO"]
            if not prefix or path.startswith(f"{prefix}/"):
                self._stop(gate, path[len(prefix) :])

        def follow(parent: Bottle, where: str) -> None:
            if "<" in where or ":" in where:
                raise ValueError(f"paths below a wildcard cannot be protected: {where}")
            self._guard(parent, gate, where.rstrip("/") + prefix)

        app.add_hook("before_request", stop_strangers)
        _when_mounted(app, follow)

    def _stop(self, gate: Gate, path: str) -> None:
        refusal = self.visit().stopped(gate, path)
        if refusal is not None:
            raise to_response(refusal)


def _when_mounted(app: Bottle, act: Callable[[Any, str], None]) -> None:
    """Call ``act`` with the app that ``app`` is mounted in, now or later, and with the prefix.

    A mounted app's hooks do not run; its routes become the other app's.
    """

    def on_config(*change: Any) -> None:
        key, value = change[-2:]
        if key == "_mount.app":
            act(value, app.config["_mount.prefix"])

    app.add_hook("config", on_config)
    parent = app.config.get("_mount.app")
    if parent is not None:
        act(parent, app.config["_mount.prefix"])
