"""Start reading here: one request in, one response out, whatever happens between."""

from __future__ import annotations

from dataclasses import replace

from authwire.config import Pages
from authwire.core.actions import action_for
from authwire.core.engine import Engine
from authwire.core.guards import asked_origin, enter, origin_of
from authwire.core.replies import NO_STORE, bad_request, json_response, redirect
from authwire.core.route import Route, route
from authwire.core.urls import with_params
from authwire.errors import (
    AdapterError,
    AuthError,
    CredentialsSignin,
    InvalidCallbackUrl,
    UnknownAction,
    UntrustedHost,
)
from authwire.http import MalformedBody, Request, Response
from authwire.models import U
from authwire.pages import PageView, Renderer
from authwire.texts import Texts

__all__ = ["handle", "misconfigured"]

_PAGES = frozenset({"signin", "signout", "error", "verify-request"})
_WITHOUT_COOKIES = frozenset({"client.d.ts", "client.js", "providers", "webauthn.js"})
"""Answers that tell everybody the same."""
_MISCONFIGURED = (
    "There was a problem with the server configuration. Check the server logs for more information."
)


async def handle(engine: Engine[U], request: Request) -> Response:
    """Answer a request below the base path. Never raises for anything that a client can send."""
    try:
        target = route(request.method, request.path, engine.base_path)
    except UnknownAction as error:
        engine.log.debug("[UnknownAction] %s", error)
        return bad_request()
    try:
        ctx = await enter(engine, request, target)
        response = await action_for(request.method, target.action)(ctx)
        if target.action not in _WITHOUT_COOKIES:
            response = response.with_cookies(ctx.jar.take())
        return _for_script(request, response)
    except MalformedBody:
        return bad_request()
    except (UntrustedHost, InvalidCallbackUrl) as error:
        engine.log.error(error)
        return misconfigured(
            request,
            target,
            pages=engine.pages,
            renderer=engine.renderer,
            texts=engine.texts,
            base_path=engine.base_path,
        )
    except Exception as error:  # noqa: BLE001  # an answer in any case
        engine.log.error(error)
        return _failed(engine, request, target, error)


def _for_script(request: Request, response: Response) -> Response:
    """The JavaScript client asks for the target of a redirect instead of the redirect."""
    if response.location is None or "x-auth-return-redirect" not in request.headers:
        return response
    told = json_response({"url": response.location})
    return replace(told, headers=told.headers + response.headers, cookies=response.cookies)


def _failed(engine: Engine[U], request: Request, target: Route, error: Exception) -> Response:
    """Send the browser to the page that shows ``error``. No cookie goes along: nothing happened."""
    if target.action == "session":
        if isinstance(error, AdapterError):
            return json_response({"message": _MISCONFIGURED}, status=500)
        if request.method == "POST":
            return json_response(None, status=400)
    known = error if isinstance(error, AuthError) else AuthError()
    params = {"error": known.public_type}
    if isinstance(error, CredentialsSignin):
        params["code"] = error.code
    own = engine.pages.sign_in if known.page == "signin" else engine.pages.error
    origin = origin_of(engine, request)
    path = own if own is not None else f"{engine.base_path}/{known.page}"
    url = with_params(path if "://" in path else origin + path, params)
    if "x-auth-return-redirect" in request.headers:
        return json_response({"url": url})
    return redirect(url)


def misconfigured(
    request: Request,
    target: Route,
    *,
    pages: Pages,
    renderer: Renderer,
    texts: Texts,
    base_path: str,
) -> Response:
    """Answer what only the operator can mend: pages with the error page, everything else with 500.

    Args:
        request: what was asked.
        target: its route.
        pages: an error page of the app's own is preferred, unless it asks for a session itself.
        renderer: for the built-in error page.
        texts: the words of the error page.
        base_path: for its links, which are relative because the host may not be trusted.
    """
    if target.action not in _PAGES or request.method != "GET":
        return json_response({"message": _MISCONFIGURED}, status=500)
    own = pages.error
    if own is None or request.query.get("callbackUrl", "").startswith(own):
        view = PageView(texts=texts, origin="", host="", base_url=base_path, csrf_token=None)
        return renderer.error(view, error="Configuration")
    url = with_params(own, {"error": "Configuration"})
    answer = redirect(url if "://" in own else asked_origin(request) + url)
    # It names the very host that was asked, trusted or not, so no cache may give it to others.
    return replace(answer, headers=answer.headers + NO_STORE)
