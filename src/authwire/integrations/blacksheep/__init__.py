"""BlackSheep: routes, ``request.user``, injected sessions, decorators, requirements, WebSockets."""

from __future__ import annotations

try:
    import blacksheep
except ModuleNotFoundError as exc:  # pragma: no cover  # tests have it
    raise ModuleNotFoundError(
        "this needs BlackSheep: pip install 'authwire[blacksheep]'", name=exc.name
    ) from exc

from authwire.integrations.blacksheep._auth import BlackSheepAuth
from authwire.integrations.blacksheep._binding import FromSession
from authwire.integrations.blacksheep._identity import (
    SessionAuthentication,
    SessionIdentity,
    SessionRequirement,
)
from authwire.integrations.blacksheep._translate import SignInRequired, to_response

__all__ = [
    "BlackSheepAuth",
    "FromSession",
    "SessionAuthentication",
    "SessionIdentity",
    "SessionRequirement",
    "SignInRequired",
    "to_response",
]

del blacksheep
