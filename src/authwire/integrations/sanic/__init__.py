"""Sanic: a blueprint, sessions in handlers, decorators, and middleware that sends rolled cookies."""

from __future__ import annotations

try:
    import sanic as _sanic
except ModuleNotFoundError as exc:  # pragma: no cover  # tests have it
    raise ModuleNotFoundError(
        "this needs Sanic: pip install 'authwire[sanic]'", name=exc.name
    ) from exc

from authwire.integrations.sanic._auth import SanicAuth
from authwire.integrations.sanic._guards import Guard
from authwire.integrations.sanic._messages import request_of, to_response

__all__ = ["Guard", "SanicAuth", "request_of", "to_response"]

del _sanic
