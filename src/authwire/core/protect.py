"""Reading the session in app code, and keeping people out who have none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from authwire.config import AuthorizedParams
from authwire.core.context import Context
from authwire.core.replies import json_response, redirect
from authwire.core.sessions import ReadMode, sessions_of
from authwire.core.sessions.cookies import session_token_of
from authwire.core.sessions.jwt import decode_session_token
from authwire.core.urls import with_params
from authwire.http import Request, Response
from authwire.models import JSON, Session, U
from authwire.protocol.jwe import InvalidToken

__all__ = ["authorize", "bearer_token", "has_role", "token_claims", "unauthenticated", "wants_page"]


async def authorize(
    ctx: Context[U], mode: ReadMode = "app"
) -> tuple[Session[U] | None, Response | None]:
    """Ask the ``authorized`` callback about this request; a response means "stop here"."""
    session = await sessions_of(ctx.engine).read(ctx, mode)
    authorized = ctx.engine.callbacks.authorized
    if authorized is None:
        verdict: bool | Response = session is not None
    else:
        verdict = await authorized(AuthorizedParams(request=ctx.request, session=session))
    if isinstance(verdict, Response):
        return session, verdict
    return session, None if verdict is True else unauthenticated(ctx)


def has_role(*roles: str) -> Callable[[Session[Any]], bool]:
    """A condition for ``auth.require``: the user has one of these roles.

    It looks at the ``role`` or the ``roles`` of your `User` subclass::

        @auth.require(has_role("admin", "editor"))

    Args:
        roles: one is enough.
    """
    wanted = frozenset(roles)

    def condition(session: Session[Any]) -> bool:
        user = session.user
        held = getattr(user, "roles", None)
        if held is None:
            return getattr(user, "role", None) in wanted
        return not wanted.isdisjoint([held] if isinstance(held, str) else held)

    return condition


def unauthenticated(ctx: Context[U]) -> Response:
    """Browsers are sent to the sign-in page and come back afterwards; programs get 401."""
    if not wants_page(ctx.request):
        refusal = json_response({"error": "Unauthorized"}, status=401, no_store=True)
        challenge = (("www-authenticate", 'Bearer realm="authwire"'),)
        return Response(status=401, headers=refusal.headers + challenge, body=refusal.body)
    own = ctx.engine.pages.sign_in
    page = own if own is not None else f"{ctx.engine.base_path}/signin"
    url = page if "://" in page else ctx.origin + page
    return redirect(with_params(url, {"callbackUrl": ctx.origin + ctx.request.target}))


def wants_page(request: Request) -> bool:
    """Whether a person with a browser is asking, and not a script."""
    if request.method not in ("GET", "HEAD"):
        return False
    return "text/html" in (request.headers.get("accept") or "").lower()


async def token_claims(ctx: Context[U]) -> JSON | None:
    """The claims of the session token in the cookie, or else in ``Authorization: Bearer``.

    Anything malformed is no token, never an error.
    """
    sealed = session_token_of(ctx) or bearer_token(ctx.request)
    if sealed is None:
        return None
    try:
        return await decode_session_token(ctx.engine, sealed, ctx.cookies.session_token.name)
    except InvalidToken:
        return None


def bearer_token(request: Request) -> str | None:
    """The percent-decoded token of ``Authorization: Bearer`` (RFC 6750 §2.1)."""
    scheme, _, token = (request.headers.get("authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    try:
        return unquote(token.strip(), errors="strict")
    except ValueError:
        return None
