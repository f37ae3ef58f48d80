"""Falcon: routes, hooks and decorators for ``falcon.asgi.App`` and for ``falcon.App``."""

from __future__ import annotations

try:
    import falcon as _falcon
except ModuleNotFoundError as exc:  # pragma: no cover  # tests have it
    raise ModuleNotFoundError(
        "this needs Falcon: pip install 'authwire[falcon]'", name=exc.name
    ) from exc

from authwire.integrations.falcon._asgi import FalconAuth
from authwire.integrations.falcon._hooks import Guard
from authwire.integrations.falcon._wsgi import SyncFalconAuth

__all__ = ["FalconAuth", "Guard", "SyncFalconAuth"]

del _falcon
