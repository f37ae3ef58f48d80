"""Bottle: a plugin with routes, route configuration, decorators, and rolled cookies."""

from __future__ import annotations

try:
    import bottle  # type: ignore[import-untyped]  # Bottle has no types
except ModuleNotFoundError as exc:  # pragma: no cover  # tests have it
    raise ModuleNotFoundError(
        "this needs Bottle: pip install 'authwire[bottle]'", name=exc.name
    ) from exc

from authwire.integrations.bottle._plugin import BottleAuth
from authwire.integrations.bottle._translate import to_response

__all__ = ["BottleAuth", "to_response"]

del bottle
