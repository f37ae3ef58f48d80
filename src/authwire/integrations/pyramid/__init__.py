"""Pyramid: routes, a security policy, ``request.auth_session``, decorators, rolled cookies."""

from __future__ import annotations

from typing import Any

try:
    from pyramid.events import ApplicationCreated  # type: ignore[import-untyped]  # Pyramid has no types
except ModuleNotFoundError as exc:  # pragma: no cover  # tests have it
    raise ModuleNotFoundError(
        "this needs Pyramid: pip install 'authwire[pyramid]'", name=exc.name
    ) from exc

from authwire.integrations.pyramid._auth import PyramidAuth, check
from authwire.integrations.pyramid._policy import SessionPolicy
from authwire.integrations.pyramid._translate import to_response
from authwire.integrations.pyramid._tween import tween_factory

__all__ = ["PyramidAuth", "SessionPolicy", "includeme", "to_response", "tween_factory"]


def includeme(config: Any) -> None:
    """``config.include("authwire.integrations.pyramid")``.

    The `PyramidAuth` is what the setting ``authwire.auth`` names (``myapp.security:auth``), or what is
    given to ``config.set_authwire(auth)``.
    """
    config.add_directive("set_authwire", _set_authwire)
    config.add_subscriber(check, ApplicationCreated)
    name = config.registry.settings.get("authwire.auth")
    if name is not None:
        config.set_authwire(config.maybe_dotted(name))


def _set_authwire(config: Any, auth: PyramidAuth[Any]) -> None:
    config.include(auth.includeme)
