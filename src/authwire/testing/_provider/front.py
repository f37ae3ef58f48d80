"""What the browser sees of the provider: sign-in, consent, sign-out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from authwire.http import Cookie, CookieOptions, Request, Response
from authwire.testing._provider.answers import (
    EndpointError,
    json_response,
    laid_over,
    posted,
    queried,
    redirect,
)
from authwire.testing._provider.authorization import (
    BadAuthorizationRequest,
    RefusedRequest,
    find_client,
    judge,
    reply_mode,
)
from authwire.testing._provider.keys import Keys
from authwire.testing._provider.model import Callback, Clock, FakeClient, FakeUser, Faults
from authwire.testing._provider.pages import Pages
from authwire.testing._provider.state import PUSHED_SECONDS, Code, Grant, Pending, State

__all__ = ["FrontChannel"]

_COOKIE: Final = "idp-session"


class FrontChannel:
    """The authorization, PAR and end-session endpoints, and the consent page."""

    def __init__(
        self,
        *,
        issuer: str,
        cookie_path: str,
        scopes: Sequence[str],
        clients: Mapping[str, FakeClient],
        users: Mapping[str, FakeUser],
        picture: Callable[[FakeUser], str],
        keys: Keys,
        state: State,
        pages: Pages,
        faults: Faults,
        now: Clock,
    ) -> None:
        self._issuer = issuer
        self._cookie = CookieOptions(
            path=cookie_path or "/", secure=issuer.startswith("https:"), same_site="lax"
        )
        self._scopes = frozenset(scopes)
        self._clients = clients
        self._users = users
        self._picture = picture
        self._keys = keys
        self._state = state
        self._pages = pages
        self._faults = faults
        self._now = now

    # --- the authorization endpoint -------------------------------------------------------------

    def begin(self, params: Mapping[str, str]) -> Pending | Callback:
        """A request that waits for somebody's word, or the error to send back to the app.

        Raises:
            BadAuthorizationRequest: if there is nobody to send it back to.
        """
        params = self._unpushed(params)
        client = find_client(params, self._clients)
        try:
            return judge(params, client, self._scopes)
        except RefusedRequest as error:
            answer = {"error": error.error, "error_description": error.description}
            return self._callback(
                params["redirect_uri"], reply_mode(params), answer, params.get("state")
            )

    def grant(self, pending: Pending, user: FakeUser) -> Callback:
        """Somebody said yes."""
        grant = Grant(
            client_id=pending.client_id,
            sub=user.sub,
            scope=pending.scope,
            auth_time=int(self._now().timestamp()),
            request=pending,
        )
        return self.answer(pending, {"code": self._state.codes.put(Code(grant=grant))})

    def deny(self, pending: Pending, error: str = "access_denied") -> Callback:
        """Somebody said no, or could not be asked."""
        words = {
            "access_denied": "somebody pressed Cancel",
            "login_required": "nobody is signed in",
        }
        return self.answer(pending, {"error": error, "error_description": words[error]})

    def answer(self, pending: Pending, params: Mapping[str, str]) -> Callback:
        return self._callback(pending.redirect_uri, pending.response_mode, params, pending.state)

    def _callback(
        self, redirect_uri: str, mode: str, params: Mapping[str, str], state: str | None
    ) -> Callback:
        """RFC 6749 §4.1.2, with the issuer of RFC 9207."""
        whole = {**params, "iss": self._issuer, **({} if state is None else {"state": state})}
        return Callback(
            method="POST" if mode == "form_post" else "GET",
            redirect_uri=redirect_uri,
            params=laid_over(whole, self._faults.callback),
        )

    def authorize(self, request: Request) -> Response:
        try:
            params = posted(request) if request.method == "POST" else queried(request)
            pending = self.begin(params)
        except (BadAuthorizationRequest, EndpointError) as error:
            return self._pages.message("This request cannot be answered", str(error), status=400)
        if isinstance(pending, Callback):
            return self._send_back(pending, _client_name(params, self._clients))
        client = self._clients[pending.client_id]
        if pending.prompt == ("none",):
            user = self._signed_in(request)
            callback = (
                self.deny(pending, "login_required") if user is None else self.grant(pending, user)
            )
            return self._send_back(callback, client.name)
        hint = pending.login_hint
        people = sorted(self._users.values(), key=lambda user: hint not in (user.email, user.sub))
        return self._pages.consent(
            action=f"{self._issuer}/consent",
            request=self._state.consents.put(pending),
            client=client.name,
            people=[(user, self._picture(user)) for user in people],
            scope=pending.scope,
            redirect_uri=pending.redirect_uri,
        )

    def consent(self, request: Request) -> Response:
        """The form of the consent page."""
        params = posted(request)
        pending = self._state.consents.take(params.get("request", ""))
        if pending is None:
            return self._pages.message(
                "This page is too old", "Go back to the app and sign in again.", status=400
            )
        client = self._clients[pending.client_id]
        if params.get("decision") == "deny":
            return self._send_back(self.deny(pending), client.name)
        user = self._users.get(params.get("sub", ""))
        if user is None:
            return self._pages.message("Who is that?", "There is no such account.", status=400)
        session = Cookie(_COOKIE, self._state.sessions.put(user.sub), self._cookie)
        return self._send_back(self.grant(pending, user), client.name, (session,))

    def _send_back(
        self, callback: Callback, client: str, cookies: tuple[Cookie, ...] = ()
    ) -> Response:
        if callback.method == "POST":
            return self._pages.onward(callback, client, cookies)
        return redirect(callback.url, cookies)

    def _signed_in(self, request: Request) -> FakeUser | None:
        return self._users.get(self._state.sessions.get(request.cookies.get(_COOKIE, "")) or "")

    # --- pushed authorization requests ----------------------------------------------------------

    def push(self, client: FakeClient, params: Mapping[str, str]) -> Response:
        """RFC 9126 §2. What is wrong with the request is said at once, to the app."""
        if "request_uri" in params or params.get("client_id", client.client_id) != client.client_id:
            raise EndpointError("invalid_request", "not a request of this client's own")
        whole = {**params, "client_id": client.client_id}
        for secret in ("client_secret", "client_assertion", "client_assertion_type"):
            whole.pop(secret, None)
        try:
            judge(whole, find_client(whole, self._clients), self._scopes)
        except BadAuthorizationRequest as error:
            raise EndpointError("invalid_request", str(error)) from None
        except RefusedRequest as error:
            raise EndpointError(error.error, error.description) from None
        body = {"request_uri": self._state.pushed.put(whole), "expires_in": PUSHED_SECONDS}
        return json_response(body, status=201)

    def _unpushed(self, params: Mapping[str, str]) -> Mapping[str, str]:
        """The request that was pushed before, for the reference to it."""
        if "request_uri" not in params:
            return params
        pushed = self._state.pushed.take(params["request_uri"])
        if pushed is None or pushed["client_id"] != params.get("client_id"):
            raise BadAuthorizationRequest("This request_uri is unknown, used or expired.")
        return pushed

    # --- the end-session endpoint ---------------------------------------------------------------

    def logout(self, request: Request) -> Response:
        """OpenID Connect RP-Initiated Logout 1.0 §2 and §3."""
        params = posted(request) if request.method == "POST" else queried(request)
        self._state.sessions.drop(request.cookies.get(_COOKIE, ""))
        gone = (Cookie(_COOKIE, "", _ended(self._cookie)),)
        client = self._leaving(params)
        target = params.get("post_logout_redirect_uri")
        if target is None:
            return self._pages.message(
                "You are signed out", "You may close this page.", cookies=gone
            )
        if client is None or target not in client.post_logout_redirect_uris:
            return self._pages.message(
                "You are signed out", "The way back is not registered.", status=400, cookies=gone
            )
        state = {"state": params["state"]} if "state" in params else {}
        mark = "&" if "?" in target else "?"
        return redirect(f"{target}{mark}{urlencode(state)}" if state else target, gone)

    def _leaving(self, params: Mapping[str, str]) -> FakeClient | None:
        """The app that somebody leaves, by the hint, which must fit the client id if both are there."""
        named = params.get("client_id")
        if "id_token_hint" in params:
            claims: Mapping[str, Any] = self._keys.read(params["id_token_hint"]) or {}
            audience = claims.get("aud")
            if claims.get("iss") != self._issuer or named not in (None, audience):
                return None
            named = audience
        return self._clients.get(named or "")


def _client_name(params: Mapping[str, str], clients: Mapping[str, FakeClient]) -> str:
    client = clients.get(params.get("client_id", ""))
    return client.name if client is not None else ""


def _ended(options: CookieOptions) -> CookieOptions:
    return CookieOptions(path=options.path, secure=options.secure, max_age=0)
