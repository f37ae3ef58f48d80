"""The demo's routes.

No ``from __future__ import annotations`` here: FastAPI evaluates annotations when it meets a route,
and could not see the names that are local to a function.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from authwire.adapters.sqlalchemy import SQLAlchemyAdapter
from authwire.cli.demo.outbox import Outbox
from authwire.cli.demo.people import Passwords
from authwire.cli.demo.shield import SCRIPT_POLICY
from authwire.cli.demo.view import View
from authwire.errors import LastWayIn, PasskeyNotFound
from authwire.integrations.fastapi import FastAPIAuth
from authwire.models import Session, User

__all__ = ["api_routes", "mail_routes", "page_routes", "refusal_page"]

_LINKABLE = {"demo-idp": "Demo ID", "demo-oauth": "Demo OAuth"}
_NAMES = {**_LINKABLE, "email": "Magic link"}
# For the mail, which a frame shows: its own inline styles, our logo, and nobody's cookies.
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src {origin}; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
_REFUSALS = {
    403: ("That was not asked for here", "The request came from another page than one of ours."),
    404: ("Nothing here", "This page does not exist, or the demo was restarted since."),
}


def page_routes(
    auth: FastAPIAuth[User], view: View, adapter: SQLAlchemyAdapter[User], passwords: Passwords
) -> APIRouter:
    """What a browser sees of the app itself."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    own_form = Depends(_same_origin)

    @router.get("/")
    async def home(request: Request) -> Response:
        return await view.page(request, "home.html")

    @router.get("/protected")
    async def protected(
        request: Request, session: Annotated[Session[User], Depends(auth.required)]
    ) -> Response:
        return await view.page(request, "protected.html", user=session.user)

    @router.get("/me")
    async def me(
        request: Request, session: Annotated[Session[User], Depends(auth.required)]
    ) -> Response:
        accounts = await adapter.list_accounts_by_user_id(session.user.id)
        accounts = [account for account in accounts if account.type != "webauthn"]
        linked = {account.provider for account in accounts}
        return await view.page(
            request,
            "me.html",
            policy=SCRIPT_POLICY,
            passkeys=await auth.passkeys(request).list(),
            refused=request.query_params.get("passkey"),
            user=session.user,
            body=json.dumps(session.data, indent=2, ensure_ascii=False),
            accounts=accounts,
            names=_NAMES,
            linkable={id_: name for id_, name in _LINKABLE.items() if id_ not in linked},
        )

    @router.post("/link/{provider}", dependencies=[own_form])
    async def link(
        request: Request, provider: str, _session: Annotated[Session[User], Depends(auth.required)]
    ) -> Response:
        """Whoever is signed in and proves to own one more account has it linked."""
        if provider not in _LINKABLE:
            raise HTTPException(404)
        return await auth.sign_in(request, provider, callback_url="/me")

    @router.post("/passkeys/{action}", dependencies=[own_form])
    async def change_passkey(
        request: Request, action: str, session: Annotated[Session[User], Depends(auth.required)]
    ) -> Response:
        """Name or remove a passkey; ``auth.passkeys`` knows only those of whoever is signed in."""
        fields = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        passkeys, passkey_id = auth.passkeys(request), fields.get("id", "")
        try:
            if action == "name":
                await passkeys.rename(passkey_id, fields.get("name", "")[:60])
            elif action == "remove":
                # Only the app knows who has a password.
                has_password = await passwords.has(session.user.id)
                await passkeys.remove(passkey_id, allow_last=has_password)
            else:
                raise HTTPException(404)
        except PasskeyNotFound as error:
            raise HTTPException(404) from error
        except LastWayIn:
            return RedirectResponse("/me?passkey=last", 303)
        return RedirectResponse("/me", 303)

    @router.post("/sign-out", dependencies=[own_form])
    async def sign_out(request: Request) -> Response:
        return await auth.sign_out(request, callback_url="/")

    return router


def mail_routes(view: View, outbox: Outbox) -> APIRouter:
    """The mail that was not sent."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/outbox")
    async def letters(request: Request) -> Response:
        return await view.page(request, "outbox.html", letters=outbox.letters())

    @router.get("/outbox/{number}")
    async def letter(request: Request, number: int) -> Response:
        found = outbox.letter(number)
        if found is None:
            raise HTTPException(404)
        policy = _MAIL_POLICY.format(origin=str(request.base_url).rstrip("/"))
        headers = {"content-security-policy": policy, "cache-control": "no-store"}
        return HTMLResponse(found.message.html, headers=headers)

    return router


def api_routes(auth: FastAPIAuth[User]) -> APIRouter:
    """What a program sees."""
    router = APIRouter(prefix="/api")

    @router.get("/me")
    async def me(session: Annotated[Session[User], Depends(auth.required)]) -> User:
        """The user who is signed in; 401 if nobody is."""
        return session.user

    return router


async def _same_origin(request: Request) -> None:
    """Forms of other sites are refused; browsers tell where a form is (RFC 6454 §7).

    Raises:
        HTTPException: 403.
    """
    if request.headers.get("origin") != str(request.base_url).rstrip("/"):
        raise HTTPException(403, "cross-site form")


def refusal_page(view: View) -> Callable[[Request, Any], Awaitable[Response]]:
    """The handler of errors: a page for browsers, JSON for programs."""

    async def handler(request: Request, error: HTTPException) -> Response:
        wants_page = "text/html" in request.headers.get("accept", "")
        if error.status_code not in _REFUSALS or not wants_page:
            body = None if 300 <= error.status_code < 400 else {"detail": error.detail}
            return JSONResponse(body, error.status_code, headers=error.headers)
        heading, text = _REFUSALS[error.status_code]
        return await view.page(
            request, "refusal.html", status=error.status_code, heading=heading, text=text
        )

    return handler
