"""A small browser that signs in, for tests of apps that use Authwire."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from inspect import iscoroutinefunction
from typing import Any, Self, TypeVar, Unpack

from authwire.models import JSON
from authwire.runtime import PortalRuntime, drive
from authwire.runtime.asgi import ASGIApp
from authwire.runtime.wsgi import WSGIApp
from authwire.testing._async_client import AsyncAuthClient, Idp, Options
from authwire.testing._browser import Answer, BrowserCookies
from authwire.testing._transports import Handler, over_network_sync

__all__ = ["Answer", "AsyncAuthClient", "AuthClient", "BrowserCookies", "Idp", "Options"]

T = TypeVar("T")


class AuthClient:
    """A browser in a test, with cookies and without JavaScript, that talks to an app in this process, or to a server.

    Make one with `asgi`, `wsgi`, `handler` or `server`. An async app runs in one event loop in the background
    until `close`, or until the end of a ``with`` block::

        with AuthClient.asgi(app) as browser:
            browser.sign_in_credentials({"username": "ada", "password": "…"})
            assert browser.get("/me").status == 200

    All of them take what `Options` lists.
    """

    def __init__(self, client: AsyncAuthClient, loop: PortalRuntime | None) -> None:
        self._client = client
        self._loop = loop

    @classmethod
    def handler(cls, handle: Handler, **options: Unpack[Options]) -> Self:
        """For ``Auth.handle`` or ``SyncAuth.handle`` itself."""
        loop = PortalRuntime() if iscoroutinefunction(handle) else None
        return cls(AsyncAuthClient.handler(handle, **options), loop)

    @classmethod
    def asgi(cls, app: ASGIApp, *, root_path: str = "", **options: Unpack[Options]) -> Self:
        """For an ASGI app. It gets no lifespan events."""
        return cls(AsyncAuthClient.asgi(app, root_path=root_path, **options), PortalRuntime())

    @classmethod
    def wsgi(cls, app: WSGIApp, *, script_name: str = "", **options: Unpack[Options]) -> Self:
        """For a WSGI app."""
        return cls(AsyncAuthClient.wsgi(app, script_name=script_name, **options), None)

    @classmethod
    def server(cls, address: str, **options: Unpack[Options]) -> Self:
        """See `AsyncAuthClient.server`."""
        options.setdefault("base_url", address)
        return cls(AsyncAuthClient(over_network_sync(address.rstrip("/")), **options), None)

    def another_browser(self) -> Self:
        """The same app, without the cookies."""
        return type(self)(self._client.another_browser(), self._loop)

    def close(self) -> None:
        """Stop the event loop, if there is one."""
        if self._loop is not None:
            self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def cookies(self) -> BrowserCookies:
        return self._client.cookies

    @property
    def base_url(self) -> str:
        return self._client.base_url

    @property
    def base_path(self) -> str:
        return self._client.base_path

    def request(
        self,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        follow: bool = False,
    ) -> Answer:
        """See `AsyncAuthClient.request`, and so for all below."""
        return self._run(
            self._client.request(method, url, form=form, json=json, headers=headers, follow=follow)
        )

    def get(
        self, url: str, *, headers: Mapping[str, str] | None = None, follow: bool = False
    ) -> Answer:
        return self._run(self._client.get(url, headers=headers, follow=follow))

    def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        follow: bool = False,
    ) -> Answer:
        return self.request("POST", url, form=form, json=json, headers=headers, follow=follow)

    def follow(self, answer: Answer) -> Answer:
        return self._run(self._client.follow(answer))

    def csrf_token(self) -> str:
        return self._run(self._client.csrf_token())

    def session(self) -> JSON | None:
        return self._run(self._client.session())

    def update(self, data: Any) -> JSON | None:
        return self._run(self._client.update(data))

    def sign_in_credentials(
        self,
        fields: Mapping[str, str],
        *,
        provider: str = "credentials",
        callback_url: str | None = None,
    ) -> Answer:
        return self._run(
            self._client.sign_in_credentials(fields, provider=provider, callback_url=callback_url)
        )

    def sign_in_oauth(
        self, provider: str, idp: Idp, *, sub: str | None = None, callback_url: str | None = None
    ) -> Answer:
        return self._run(
            self._client.sign_in_oauth(provider, idp, sub=sub, callback_url=callback_url)
        )

    def begin_oauth(self, provider: str, callback_url: str | None = None) -> Answer:
        return self._run(self._client.begin_oauth(provider, callback_url))

    def finish_oauth(self, begun: Answer, idp: Idp, *, sub: str | None = None) -> Answer:
        return self._run(self._client.finish_oauth(begun, idp, sub=sub))

    def sign_in_email(
        self, email: str, *, provider: str = "email", callback_url: str | None = None
    ) -> Answer:
        return self._run(
            self._client.sign_in_email(email, provider=provider, callback_url=callback_url)
        )

    def open_magic_link(self, url: str) -> Answer:
        return self._run(self._client.open_magic_link(url))

    def sign_out(self, *, callback_url: str | None = None) -> Answer:
        return self._run(self._client.sign_out(callback_url=callback_url))

    def _run(self, coro: Coroutine[Any, Any, T]) -> T:
        return drive(coro) if self._loop is None else self._loop.run(coro)
