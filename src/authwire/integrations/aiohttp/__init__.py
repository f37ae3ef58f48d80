"""aiohttp: routes, sessions in handlers, decorators, a middleware that protects paths."""

from __future__ import annotations

try:
    import aiohttp as _aiohttp
except ModuleNotFoundError as exc:  # pragma: no cover  # tests have it
    raise ModuleNotFoundError(
        "this needs aiohttp: pip install 'authwire[aiohttp]'", name=exc.name
    ) from exc

from authwire.integrations.aiohttp._auth import AioHttpAuth
from authwire.integrations.aiohttp._messages import to_response

__all__ = ["AioHttpAuth", "to_response"]

del _aiohttp
