"""A browser without a screen: one cookie jar for the app and the provider, redirects one by one."""

from __future__ import annotations

from html.parser import HTMLParser
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import anyio.from_thread
import httpx2

from authwire import Auth, SyncAuth
from authwire.runtime.asgi import ASGIApp

APP = "http://localhost:3000"
"""Where the app is, as far as the visitor knows; its requests never leave the process."""


class AsgiTransport(httpx2.BaseTransport):
    """Lets a sync client talk to an ASGI app that runs in the event loop of ``portal``."""

    def __init__(self, app: ASGIApp, portal: anyio.from_thread.BlockingPortal) -> None:
        self._inner = httpx2.ASGITransport(app)
        self._portal = portal

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self._portal.call(self._exchange, request)

    async def _exchange(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._inner.handle_async_request(request)
        body = await answer.aread()
        return httpx2.Response(answer.status_code, headers=answer.headers, content=body)


class Form(HTMLParser):
    """The one form of a page."""

    def __init__(self, page: httpx2.Response) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(page.text)
        self.url = page.url.join(self.action)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "form":
            self.action = attributes.get("action") or ""
        if tag == "input" and (name := attributes.get("name")):
            self.fields[name] = attributes.get("value") or ""


class Visitor:
    """Somebody who uses the app that ``auth`` guards."""

    def __init__(
        self, auth: Auth[Any] | SyncAuth[Any], portal: anyio.from_thread.BlockingPortal
    ) -> None:
        app: httpx2.BaseTransport = (
            httpx2.WSGITransport(auth.wsgi)
            if isinstance(auth, SyncAuth)
            else AsgiTransport(auth.asgi, portal)
        )
        # As browsers do, take http on this very machine for a place where secrets are safe.
        policy = DefaultCookiePolicy(secure_protocols=("http", "https"))
        self.http = httpx2.Client(mounts={APP: app}, cookies=CookieJar(policy), trust_env=False)

    # --- at the app -----------------------------------------------------------------------------

    def session(self) -> Any:
        """What the app says of the session."""
        return self.http.get(f"{APP}/auth/session").json()

    def start(self, *, back_to: str = "/welcome", **params: str) -> httpx2.Response:
        """Press the sign-in button; returns the app's answer."""
        token = self.http.get(f"{APP}/auth/csrf").json()["csrfToken"]
        form = {"csrfToken": token, "callbackUrl": back_to}
        return self.http.post(f"{APP}/auth/signin/idp", params=params, data=form)

    def arrive(self, callback: httpx2.Request) -> str:
        """Bring the provider's answer to the app; returns where the app sends us, without its origin."""
        answer = self.http.send(callback)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"].removeprefix(APP)

    # --- at the provider ------------------------------------------------------------------------

    def decide(self, answer: httpx2.Response, **fields: str) -> httpx2.Request:
        """Follow ``answer`` to the provider, send its form, and return the request to the app that
        comes of it, which is not sent yet.
        """
        page = self._follow(answer)
        if isinstance(page, httpx2.Request):
            return page
        form = Form(page)
        outcome = self._follow(self.http.post(form.url, data={**form.fields, **fields}))
        if isinstance(outcome, httpx2.Request):
            return outcome
        onward = Form(outcome)  # the page of response_mode=form_post
        assert str(onward.url).startswith(APP), outcome.text
        return self.http.build_request("POST", onward.url, data=onward.fields)

    def approve(self, answer: httpx2.Response, account: str = "ada-1") -> httpx2.Request:
        """Sign in at the provider and consent."""
        return self.decide(answer, account=account, verdict="allow")

    def refuse(self, answer: httpx2.Response) -> httpx2.Request:
        """Press "Deny" at the provider."""
        return self.decide(answer, verdict="deny")

    def _follow(self, answer: httpx2.Response) -> httpx2.Response | httpx2.Request:
        """The first page, or the first request that would go to the app."""
        while (request := answer.next_request) is not None:
            if str(request.url).startswith(APP):
                return request
            answer = self.http.send(request)
        assert answer.status_code == 200, answer.text
        return answer

    # --- all at once ----------------------------------------------------------------------------

    def sign_in(self, account: str = "ada-1", *, back_to: str = "/welcome", **params: str) -> str:
        """The whole way; returns where the app sends us at its end."""
        return self.arrive(self.approve(self.start(back_to=back_to, **params), account))

    def cookies(self) -> set[str]:
        """The names of the app's cookies."""
        return {
            cookie.name for cookie in self.http.cookies.jar if cookie.name.startswith("authjs.")
        }


def changed(callback: httpx2.Request, **params: str) -> httpx2.Request:
    """``callback`` with some parameters replaced, as an attacker or a broken provider would."""
    query = {**dict(parse_qsl(urlsplit(str(callback.url)).query)), **params}
    return httpx2.Request("GET", callback.url.copy_with(params=query), headers=callback.headers)
