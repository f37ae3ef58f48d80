"""Litestar: a plugin with the routes, guards, dependencies and the OpenAPI security scheme.

For example::

    auth = LitestarAuth(AuthConfig(providers=[GitHub]))
    app = Litestar([me], plugins=[auth])
"""

from __future__ import annotations

try:
    import litestar as _litestar
except ModuleNotFoundError as exc:  # pragma: no cover  # tests have it
    raise ModuleNotFoundError(
        "this needs Litestar: pip install 'authwire[litestar]'", name=exc.name
    ) from exc

from authwire.integrations.litestar._guards import Guard
from authwire.integrations.litestar._replies import to_response
from authwire.integrations.litestar.middleware import AuthMiddleware
from authwire.integrations.litestar.plugin import LitestarAuth

__all__ = ["AuthMiddleware", "Guard", "LitestarAuth", "to_response"]

del _litestar
