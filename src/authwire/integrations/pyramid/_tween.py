"""The tween that protects paths and sends rolled cookies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from authwire.http import Request as AuthRequest
from authwire.http import Response as AuthResponse
from authwire.integrations._paths import Gate
from authwire.integrations._visit import SyncVisit
from authwire.integrations.pyramid._translate import to_response
from authwire.runtime.wsgi import Environ

__all__ = ["GATES", "KEY", "TWEEN", "tween_factory"]

KEY: Final = "authwire"
"""Where the registry has the `PyramidAuth`, and the environment the visit."""
GATES: Final = "authwire.gates"
TWEEN: Final = "authwire.integrations.pyramid.tween_factory"


def tween_factory(
    handler: Callable[[Any], Any], registry: Mapping[str, Any]
) -> Callable[[Any], Any]:
    """The tween that protects paths and sends rolled cookies."""
    auth = registry[KEY]
    gates: Sequence[Gate] = registry.get(GATES, ())

    def tween(request: Any) -> Any:
        for gate in gates:
            refusal = _stopped(auth.visit(request), request.environ, gate)
            if refusal is not None:
                return _carrying(request, to_response(refusal))
        return _carrying(request, handler(request))

    return tween


def _stopped(visit: SyncVisit[Any], environ: Environ, gate: Gate) -> AuthResponse | None:
    """The refusal, if ``gate`` protects the path and the ``authorized`` callback says no."""
    for asked, path in _readings(visit.request, environ):
        reading = visit if asked is visit.request else SyncVisit(visit.auth, asked)
        reading.jar = visit.jar
        refusal = reading.stopped(gate, path)
        if refusal is not None:
            return refusal
    return None


def _readings(request: AuthRequest, environ: Environ) -> Iterator[tuple[AuthRequest, str]]:
    """The request and its decoded path, in all ways that traversal may read it.

    Traversal takes ``/@@admin`` for ``/admin``, and puts ``X-Vhm-Root`` in front, which anybody can
    send.
    """
    path = _decoded(environ.get("PATH_INFO", ""))
    yield request, path
    root = _decoded(environ.get("HTTP_X_VHM_ROOT", ""))
    whole = f"{root.rstrip('/')}{path}" if root else path
    for reading in dict.fromkeys((whole, whole.replace("/@@", "/"))):
        if reading != path:
            script = _decoded(environ.get("SCRIPT_NAME", ""))
            yield replace(request, path=quote(script + reading, safe="/~")), reading


def _decoded(text: str) -> str:
    """WSGI's bytes in latin-1 (PEP 3333) as text."""
    return text.encode("latin-1", "replace").decode("utf-8", "replace")


def _carrying(request: Any, response: Any) -> Any:
    """The response with the visit's cookies; a copy, as an app may keep one for many requests."""
    visit = request.environ.get(KEY)
    if not isinstance(visit, SyncVisit) or not visit.touched:
        return response
    fields = visit.fields([(name.lower(), value) for name, value in response.headerlist])
    if not fields:
        return response
    kind: Any = type(response)
    native: Any = kind.__new__(kind)
    vars(native).update(vars(response))
    native.headerlist = response.headerlist + [(name.title(), value) for name, value in fields]
    return native
