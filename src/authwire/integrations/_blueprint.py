"""Routes that have names, and may be mounted elsewhere than at the base path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, get_args
from urllib.parse import unquote

from authwire.auth import Auth, SyncAuth
from authwire.core.route import Action
from authwire.errors import ConfigError
from authwire.http import Request
from authwire.integrations._paths import with_next

__all__ = ["ENDPOINTS", "METHODS", "PROVIDER_ENDPOINTS", "Mount"]

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""All of them, as the core answers those it does not serve."""


def _endpoint(action: str) -> str:
    return action.replace("-", "_").replace(".", "_")


_ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
_PER_PROVIDER: Final[tuple[Action, ...]] = ("signin", "callback", "webauthn-options")

ENDPOINTS: Final[Mapping[str, Action]] = {_endpoint(action): action for action in _ACTIONS}
"""Actions by the name of their route."""
PROVIDER_ENDPOINTS: Final[Mapping[str, Action]] = {
    f"{_endpoint(action)}_provider": action for action in _PER_PROVIDER
}
"""Actions with a provider's id behind them, by the name of their route."""


class Mount:
    """What is asked below a mount is asked as if below the base path.

    So the routes may be mounted anywhere; the base path is where browsers find them.

    Args:
        auth: whose routes they are.
    """

    def __init__(self, auth: Auth[Any] | SyncAuth[Any]) -> None:
        self._auth = auth
        self._warned = False

    def asked(self, request: Request, tail: str) -> Request:
        """What the core is asked for.

        Args:
            request: as it came.
            tail: its path below the mount, percent-encoded, without a slash before.
        """
        try:
            base_path = self._auth.base_path(request)
        except ConfigError:
            base_path = self._auth.base_path()  # handle() tells what is wrong with the config
        path = f"{base_path}/{tail}"
        if not self._warned and unquote(request.path) != unquote(path):
            self._warn(request, path)
        return with_next(replace(request, path=path))

    def _warn(self, request: Request, path: str) -> None:
        self._warned = True
        try:
            log = self._auth.engine(request).log
        except ConfigError:
            return
        log.warning(
            "base-path",
            f"a route is mounted elsewhere than AuthConfig(base_path=…) says: links lead to {path!r}."
            " If a proxy in front puts the two together, all is well",
        )
