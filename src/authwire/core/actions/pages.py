"""GET of ``/signin``, ``/signout``, ``/error`` and ``/verify-request``: a page, or your own instead."""

from __future__ import annotations

from authwire.core.context import Context
from authwire.core.replies import redirect
from authwire.core.urls import with_params
from authwire.errors import UnknownAction
from authwire.http import Response
from authwire.models import U

__all__ = ["error_page", "signin_page", "signout_page", "verify_request_page"]


async def signin_page(ctx: Context[U]) -> Response:
    """All ways to sign in. Starting one takes a POST, so that no link can do it.

    Raises:
        UnknownAction: for GET ``/signin/:provider``.
    """
    if ctx.selected is not None:
        raise UnknownAction("a sign-in must be started by POST")
    query = ctx.request.query
    error = query.get("error")
    own = ctx.engine.pages.sign_in
    if own is not None:
        params = {"callbackUrl": ctx.callback_url}
        if error:
            params["error"] = error
        return redirect(with_params(own, params))
    # The form repeats what was asked for, as it was: the POST is what judges it, and the redirect
    # callback shall not be asked about its own answer.
    return ctx.engine.renderer.signin(
        ctx.view(),
        callback_url=query.get("callbackUrl") or ctx.callback_url,
        email=query.get("email"),
        error=error,
    )


async def signout_page(ctx: Context[U]) -> Response:
    """The question whether to sign out."""
    own = ctx.engine.pages.sign_out
    if own is not None:
        return redirect(own)
    return ctx.engine.renderer.signout(ctx.view(), query_string=ctx.request.query_string)


async def error_page(ctx: Context[U]) -> Response:
    """What went wrong, in words that tell an attacker nothing."""
    error = ctx.request.query.get("error")
    own = ctx.engine.pages.error
    if own is not None:
        # As it came, and "undefined" for none, as in Auth.js: anybody can open that page like this.
        separator = "&" if "?" in own else "?"
        return redirect(f"{own}{separator}error={error or 'undefined'}")
    return ctx.engine.renderer.error(ctx.view(), error=error)


async def verify_request_page(ctx: Context[U]) -> Response:
    """The request to look for the mail."""
    own = ctx.engine.pages.verify_request
    if own is not None:
        query = ctx.request.query_string
        separator = "&" if "?" in own else "?"
        return redirect(f"{own}{separator}{query}" if query else own)
    return ctx.engine.renderer.verify_request(ctx.view())
