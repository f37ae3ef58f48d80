"""One file per URL segment, and the table of which method calls which."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

from authwire.core.actions.callback import callback
from authwire.core.actions.client import client_module, client_types
from authwire.core.actions.csrf import csrf
from authwire.core.actions.pages import error_page, signin_page, signout_page, verify_request_page
from authwire.core.actions.providers import providers
from authwire.core.actions.session import read_session, update_session
from authwire.core.actions.signin import signin
from authwire.core.actions.signout import signout
from authwire.core.actions.webauthn_js import browser_module
from authwire.core.actions.webauthn_options import webauthn_options
from authwire.core.context import Context
from authwire.core.route import Action
from authwire.errors import UnknownAction
from authwire.http import Response

__all__ = ["ACTIONS", "action_for"]

Handler: TypeAlias = Callable[[Context[Any]], Awaitable[Response]]

ACTIONS: Final[Mapping[tuple[str, Action], Handler]] = {
    ("GET", "callback"): callback,
    ("POST", "callback"): callback,
    ("GET", "client.d.ts"): client_types,
    ("GET", "client.js"): client_module,
    ("GET", "csrf"): csrf,
    ("GET", "error"): error_page,
    ("GET", "providers"): providers,
    ("GET", "session"): read_session,
    ("POST", "session"): update_session,
    ("GET", "signin"): signin_page,
    ("POST", "signin"): signin,
    ("GET", "signout"): signout_page,
    ("POST", "signout"): signout,
    ("GET", "verify-request"): verify_request_page,
    ("GET", "webauthn-options"): webauthn_options,
    ("GET", "webauthn.js"): browser_module,
}
"""Which method of which action is answered by what."""


def action_for(method: str, action: Action) -> Handler:
    """The handler.

    Raises:
        UnknownAction: if the action does not take this method.
    """
    handler = ACTIONS.get((method, action))
    if handler is None:
        raise UnknownAction(f"{action} does not take {method}")
    return handler
