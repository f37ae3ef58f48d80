"""The browser itself. `authwire.testing.client` is the way in."""

from __future__ import annotations

import html
import json as jsonlib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol, Self, TypedDict, Unpack
from urllib.parse import quote, urlencode, urljoin, urlsplit

from authwire.http import Headers, Request
from authwire.models import JSON
from authwire.runtime.asgi import ASGIApp
from authwire.runtime.wsgi import WSGIApp
from authwire.testing._browser import Answer, BrowserCookies
from authwire.testing._transports import (
    Handler,
    Transport,
    over_asgi,
    over_handler,
    over_network,
    over_wsgi,
)

__all__ = ["AsyncAuthClient", "Idp", "Options"]

MAX_REDIRECTS = 10
_PAGE = "text/html,application/xhtml+xml,*/*;q=0.8"
_FORM_ACTION = re.compile(r"<form\b[^>]*\baction=\"([^\"]*)\"[^>]*>(.*?)</form>", re.DOTALL)
_HIDDEN = re.compile(r"<input\b[^>]*\btype=\"hidden\"[^>]*>")
_ATTRIBUTE = re.compile(r"\b(name|value)=\"([^\"]*)\"")


class _Callback(Protocol):
    """What a provider makes the browser ask for."""

    @property
    def method(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def params(self) -> Mapping[str, str]: ...


class Idp(Protocol):
    """An identity provider that plays its user's part, such as `FakeProvider`."""

    def approve(self, url: str, *, sub: str | None = None) -> _Callback:
        """The browser's way back from the authorization ``url``."""
        ...


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Options(TypedDict, total=False):
    """What every client can be told."""

    base_url: str
    """Scheme and host that the browser sees. Default: ``http://localhost``."""
    base_path: str
    """Where the routes are. Default: ``/auth``."""
    headers: Mapping[str, str]
    """Sent with each request."""
    now: Callable[[], datetime]
    """The clock by which cookies expire."""


class AsyncAuthClient:
    """`AuthClient` for async tests: the same methods, to be awaited.

    Args:
        target: the way to the app; use `handler`, `asgi` or `wsgi` instead.
        options: see `Options`.
    """

    def __init__(self, target: Transport, **options: Unpack[Options]) -> None:
        self._send = target
        self._options = options
        self._headers = options.get("headers", {})
        self.base_url = options.get("base_url", "http://localhost").rstrip("/")
        self.base_path = options.get("base_path", "/auth").rstrip("/")
        self.cookies = BrowserCookies(options.get("now", _utc_now))

    @classmethod
    def handler(cls, handle: Handler, **options: Unpack[Options]) -> Self:
        """For ``Auth.handle`` or ``SyncAuth.handle`` itself. ``options``: see `Options`."""
        return cls(over_handler(handle), **options)

    @classmethod
    def asgi(cls, app: ASGIApp, *, root_path: str = "", **options: Unpack[Options]) -> Self:
        """For an ASGI app. It gets no lifespan events. ``options``: see `Options`."""
        return cls(over_asgi(app, root_path), **options)

    @classmethod
    def wsgi(cls, app: WSGIApp, *, script_name: str = "", **options: Unpack[Options]) -> Self:
        """For a WSGI app. ``options``: see `Options`."""
        return cls(over_wsgi(app, script_name), **options)

    @classmethod
    def server(cls, address: str, **options: Unpack[Options]) -> Self:
        """For a server that listens at ``address``, such as ``http://127.0.0.1:8000``.

        Args:
            address: where to connect to.
            options: see `Options`; ``base_url`` is the address, unless a proxy stands in front.
        """
        options.setdefault("base_url", address)
        return cls(over_network(address.rstrip("/")), **options)

    def another_browser(self) -> Self:
        """The same app, without the cookies."""
        return type(self)(self._send, **self._options)

    # --- requests -------------------------------------------------------------------------------

    async def request(
        self,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        follow: bool = False,
    ) -> Answer:
        """Ask for ``url``, a path or an absolute URL of the app.

        Args:
            method: GET, POST, …
            url: where.
            form: fields to post.
            json: a value to post instead.
            headers: more of them. Without ``accept`` the client looks like a browser.
            follow: follow redirects as long as they stay at the app.
        """
        target = urljoin(f"{self.base_url}/", url)
        parts = urlsplit(target)
        if f"{parts.scheme}://{parts.netloc}" != self.base_url:
            raise ValueError(f"{target} is not at {self.base_url}")
        body, content_type = _encode(form, json)
        fields = {"host": parts.netloc, "accept": _PAGE, **self._headers}
        if body or method == "POST":
            fields |= {"content-length": str(len(body)), "content-type": content_type}
        if cookie := self.cookies.header(target):
            fields["cookie"] = cookie
        fields |= {name.lower(): value for name, value in (headers or {}).items()}
        status, got, content = await self._send(
            Request(
                method=method,
                path=parts.path or "/",
                scheme=parts.scheme,
                host=parts.netloc,
                query_string=parts.query,
                headers=Headers(fields.items()),
                body=body,
                client="127.0.0.1",
            )
        )
        for header in got.get_all("set-cookie"):
            self.cookies.store(header, target)
        answer = Answer(url=target, status=status, headers=got, body=content)
        return await self.follow(answer) if follow else answer

    async def get(
        self, url: str, *, headers: Mapping[str, str] | None = None, follow: bool = False
    ) -> Answer:
        """See `request`."""
        return await self.request("GET", url, headers=headers, follow=follow)

    async def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        follow: bool = False,
    ) -> Answer:
        """See `request`."""
        return await self.request("POST", url, form=form, json=json, headers=headers, follow=follow)

    async def follow(self, answer: Answer) -> Answer:
        """Go where redirects lead, as long as that is at the app.

        Raises:
            AssertionError: if they go in circles.
        """
        for _ in range(MAX_REDIRECTS):
            target = answer.location
            if not 300 <= answer.status < 400 or target is None or not self._is_ours(target):
                return answer
            answer = await self.get(target)
        raise AssertionError(f"more than {MAX_REDIRECTS} redirects, the last to {answer.location}")

    # --- signing in and out ---------------------------------------------------------------------

    async def csrf_token(self) -> str:
        """The token that every POST to Authwire must bring."""
        answer = await self._route("GET", "csrf")
        return str(answer.json()["csrfToken"])

    async def session(self) -> JSON | None:
        """What the browser may know of the session; None if there is none. Rolls it on."""
        answer = await self._route("GET", "session")
        body: JSON | None = answer.json()
        return body

    async def update(self, data: Any) -> JSON | None:
        """Update the session, as ``update(data)`` of the JavaScript client does."""
        token = await self.csrf_token()
        answer = await self._route("POST", "session", json={"csrfToken": token, "data": data})
        body: JSON | None = answer.json()
        return body

    async def sign_in_credentials(
        self,
        fields: Mapping[str, str],
        *,
        provider: str = "credentials",
        callback_url: str | None = None,
    ) -> Answer:
        """Post the form of a credentials provider; the answer is a redirect."""
        return await self._post(f"callback/{quote(provider)}", fields, callback_url)

    async def sign_in_oauth(
        self, provider: str, idp: Idp, *, sub: str | None = None, callback_url: str | None = None
    ) -> Answer:
        """Sign in at ``idp`` as ``sub``, or its first user; the answer is the redirect after it."""
        return await self.finish_oauth(await self.begin_oauth(provider, callback_url), idp, sub=sub)

    async def begin_oauth(self, provider: str, callback_url: str | None = None) -> Answer:
        """The redirect to the provider."""
        return await self._post(f"signin/{quote(provider)}", {}, callback_url)

    async def finish_oauth(self, begun: Answer, idp: Idp, *, sub: str | None = None) -> Answer:
        """Come back from the provider with its answer to `begin_oauth`.

        Raises:
            AssertionError: if ``begun`` leads to no provider.
        """
        if begun.location is None or self._is_ours(begun.location):
            raise AssertionError(f"no redirect to a provider but {begun.status} {begun.location}")
        back = idp.approve(begun.location, sub=sub)
        if back.method == "POST":
            return await self.post(back.url, form=back.params)
        return await self.get(back.url)

    async def sign_in_email(
        self, email: str, *, provider: str = "email", callback_url: str | None = None
    ) -> Answer:
        """Ask for a magic link; the answer is a redirect."""
        return await self._post(f"signin/{quote(provider)}", {"email": email}, callback_url)

    async def open_magic_link(self, url: str) -> Answer:
        """Open the link from the mail, and press the button if a page asks for it."""
        answer = await self.get(url)
        found = _FORM_ACTION.search(answer.text) if answer.status == 200 else None
        if found is None:
            return answer
        hidden = dict(_name_and_value(tag) for tag in _HIDDEN.findall(found.group(2)))
        return await self.post(urljoin(answer.url, html.unescape(found.group(1))), form=hidden)

    async def sign_out(self, *, callback_url: str | None = None) -> Answer:
        """End the session; the answer is a redirect."""
        return await self._post("signout", {}, callback_url)

    # --- helpers --------------------------------------------------------------------------------

    async def _route(self, method: str, action: str, *, json: Any = None) -> Answer:
        answer = await self.request(
            method, f"{self.base_path}/{action}", json=json, headers={"accept": "application/json"}
        )
        if answer.status != 200:
            raise AssertionError(f"{method} {action} gave {answer.status}: {answer.text[:200]}")
        return answer

    async def _post(
        self, action: str, fields: Mapping[str, str], callback_url: str | None
    ) -> Answer:
        form = {"csrfToken": await self.csrf_token(), **fields}
        if callback_url is not None:
            form["callbackUrl"] = callback_url
        return await self.post(f"{self.base_path}/{action}", form=form)

    def _is_ours(self, url: str) -> bool:
        return url == self.base_url or url.startswith((f"{self.base_url}/", f"{self.base_url}?"))


def _encode(form: Mapping[str, str] | None, json: Any) -> tuple[bytes, str]:
    if json is not None:
        return jsonlib.dumps(json).encode(), "application/json"
    return urlencode(form or {}).encode(), "application/x-www-form-urlencoded"


def _name_and_value(tag: str) -> tuple[str, str]:
    found = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(tag)}
    return found.get("name", ""), found.get("value", "")
