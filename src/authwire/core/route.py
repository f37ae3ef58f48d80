"""Which action a path means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from authwire.errors import UnknownAction

__all__ = ["Action", "Route", "route"]

Action = Literal[
    "callback",
    "client.d.ts",
    "client.js",
    "csrf",
    "error",
    "providers",
    "session",
    "signin",
    "signout",
    "verify-request",
    "webauthn-options",
    "webauthn.js",
]
_ACTIONS: Final = frozenset(get_args(Action))
_WITH_PROVIDER: Final = frozenset({"callback", "signin", "webauthn-options"})


@dataclass(frozen=True, slots=True)
class Route:
    """An action, and the provider it is about."""

    action: Action
    provider_id: str | None = None


_PLAIN: Final = {action: Route(action) for action in get_args(Action)}
"""The routes without a provider, by what is asked for below the base path."""


def route(method: str, path: str, base_path: str) -> Route:
    """Parse ``path`` below ``base_path``; empty segments are skipped.

    Raises:
        UnknownAction: for other methods than GET and POST, unknown actions, and paths too long.
    """
    if method not in ("GET", "POST"):
        raise UnknownAction("only GET and POST are supported")
    if not path.startswith(f"{base_path}/"):
        raise UnknownAction("the path is not below the base path")
    asked = path[len(base_path) + 1 :]
    plain = _PLAIN.get(asked)
    if plain is not None:
        return plain
    segments = [part for part in asked.split("/") if part]
    if not 1 <= len(segments) <= 2 or segments[0] not in _ACTIONS:
        raise UnknownAction("the path names no action")
    action: Action = segments[0]  # type: ignore[assignment]  # just found in _ACTIONS
    if len(segments) == 1:
        return Route(action)
    if action not in _WITH_PROVIDER:
        raise UnknownAction(f"{action} takes no provider")
    # The JavaScript client writes a missing provider as "undefined".
    return Route(action, None if segments[1] == "undefined" else segments[1])
