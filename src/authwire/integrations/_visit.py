"""One request of an app on its way: its session, read at most once, and the cookies of its answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Generic

from authwire.auth import Auth, SyncAuth
from authwire.core.guards import origin_of
from authwire.core.jar import CookieJar
from authwire.core.replies import bad_request
from authwire.core.urls import same_origin
from authwire.errors import UntrustedHost
from authwire.http import Request, Response
from authwire.integrations._paths import Gate
from authwire.models import Session, U

__all__ = ["Handshake", "SyncVisit", "Visit"]

_SHARED: Final = re.compile(r"public|s-maxage", re.IGNORECASE)
_VARIES: Final = re.compile(r"\bcookie\b|\*", re.IGNORECASE)


class _Outgoing:
    """The cookies of one answer."""

    __slots__ = ("jar", "known")

    def __init__(self, jar: CookieJar | None) -> None:
        self.jar = jar
        """None if nothing can carry cookies to the browser; then reading never rolls the session."""
        self.known = False
        """Whether the session was read."""

    @property
    def touched(self) -> bool:
        """Whether the answer depends on the session, or carries its cookies."""
        return self.known or bool(self.jar)

    def fields(self, sent: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """The header fields to add to an answer that has ``sent`` (lower-case names) already.

        Cookies are handed out once. What the app sets by itself wins; an answer that shared caches
        may keep gets none, or they would serve one user's session to others (RFC 9111 §7.3).
        """
        if not self.touched:
            return []
        headers = list(sent)
        fields: list[tuple[str, str]] = []
        cookies = self.jar.take() if self.jar else ()
        if cookies:
            caching = [value for name, value in headers if name == "cache-control"]
            if not any(_SHARED.search(value) for value in caching):
                theirs = {v.partition("=")[0].strip() for k, v in headers if k == "set-cookie"}
                fields += [("set-cookie", c.header()) for c in cookies if c.name not in theirs]
                if not caching:
                    fields.append(("cache-control", "private, no-cache, no-store"))
        if not any(k == "vary" and _VARIES.search(v) for k, v in headers):
            fields.append(("vary", "Cookie"))
        return fields

    def disown(self) -> None:
        """Add nothing to this answer."""
        self.drop()
        self.known = False

    def drop(self) -> None:
        """Forget the cookies so far: a sign-in or sign-out replaces what they would say."""
        if self.jar is not None:
            self.jar.take()


class Visit(_Outgoing, Generic[U]):
    """A request of an async app.

    Args:
        auth: whose session it is.
        request: what was asked, or what makes it when it is first looked at.
        jar: see `jar`.
    """

    __slots__ = ("_request", "_session", "auth")

    def __init__(
        self, auth: Auth[U], request: Request | Callable[[], Request], *, jar: CookieJar | None
    ) -> None:
        super().__init__(jar)
        self.auth = auth
        self._request = request
        self._session: Session[U] | None = None

    @property
    def request(self) -> Request:
        """What was asked."""
        if not isinstance(self._request, Request):
            self._request = self._request()
        return self._request

    @request.setter
    def request(self, request: Request) -> None:
        self._request = request

    async def session(self) -> Session[U] | None:
        """Who is signed in. Raises like `Auth.session`."""
        if not self.known:
            self._session = await self.auth.session(self.request, jar=self.jar)
            self.known = True
        return self._session

    async def stopped(self, gate: Gate, *paths: str) -> Response | None:
        """The refusal, if the path is protected and the ``authorized`` callback says no.

        Args:
            gate: what is protected.
            paths: see `Gate.asks`.
        """
        if not gate.closed:
            return None
        asked = gate.asks(self.auth.engine(self.request), self.request, *paths)
        if asked is None:
            return bad_request()
        for request in asked:
            refusal = await self._authorize(request)
            if refusal is not None:
                return refusal
        return None

    async def _authorize(self, request: Request) -> Response | None:
        self._session, refusal = await self.auth.authorize(request, jar=self.jar)
        self.known = True
        return refusal

    async def update_session(self, data: Any, jar: CookieJar) -> Session[U] | None:
        """See `Auth.update_session`."""
        self._session = await self.auth.update_session(self.request, data, jar=jar)
        self.known = True
        return self._session

    async def sign_in(
        self,
        provider: str | None,
        *,
        form: Mapping[str, Any] | None,
        callback_url: str | None,
        params: Mapping[str, str] | None,
    ) -> Response:
        """See `Auth.sign_in`."""
        response = await self.auth.sign_in(
            self.request, provider, form=form, callback_url=callback_url, params=params
        )
        self.drop()
        return response

    async def sign_out(self, *, callback_url: str | None, everywhere: bool = False) -> Response:
        """See `Auth.sign_out`."""
        response = await self.auth.sign_out(
            self.request, callback_url=callback_url, everywhere=everywhere
        )
        self.drop()
        self._session, self.known = None, True
        return response


class Handshake(Visit[U]):
    """The request that opens a WebSocket. Its answer carries no cookies.

    Browsers send cookies with it from the pages of any site and apply no CORS, so there is a session
    only for pages of our own origin, and for programs, which send no ``Origin`` (RFC 6455 §10.2).

    Args:
        auth: whose session it is.
        request: the handshake; see `Visit`.
        origins: others whose pages may use the session.
    """

    __slots__ = ("_origins",)

    def __init__(
        self,
        auth: Auth[U],
        request: Request | Callable[[], Request],
        *,
        origins: Iterable[str] = (),
    ) -> None:
        super().__init__(auth, request, jar=None)
        self._origins = frozenset(origins)

    async def session(self) -> Session[U] | None:
        return await super().session() if self._is_own() else None

    async def _authorize(self, request: Request) -> Response | None:
        return await super()._authorize(request) if self._is_own() else Response(status=403)

    def _is_own(self) -> bool:
        origin = self.request.headers.get("origin")
        if origin is None or origin in self._origins:
            return True
        try:
            return same_origin(origin, origin_of(self.auth.engine(self.request), self.request))
        except UntrustedHost:
            return False


class SyncVisit(_Outgoing, Generic[U]):
    """A request of a sync app. See `Visit`."""

    __slots__ = ("_session", "auth", "request")

    def __init__(self, auth: SyncAuth[U], request: Request) -> None:
        super().__init__(CookieJar())
        self.auth = auth
        self.request = request
        self._session: Session[U] | None = None

    def session(self) -> Session[U] | None:
        """See `Visit.session`."""
        if not self.known:
            self._session = self.auth.session(self.request, jar=self.jar)
            self.known = True
        return self._session

    def stopped(self, gate: Gate, *paths: str) -> Response | None:
        """See `Visit.stopped`."""
        if not gate.closed:
            return None
        asked = gate.asks(self.auth.engine(self.request), self.request, *paths)
        if asked is None:
            return bad_request()
        for request in asked:
            self._session, refusal = self.auth.authorize(request, jar=self.jar)
            self.known = True
            if refusal is not None:
                return refusal
        return None

    def update_session(self, data: Any) -> Session[U] | None:
        """See `Auth.update_session`; the cookies wait for the answer."""
        assert self.jar is not None  # noqa: S101  # __init__ made one
        self._session = self.auth.update_session(self.request, data, jar=self.jar)
        self.known = True
        return self._session

    def sign_in(
        self,
        provider: str | None,
        *,
        form: Mapping[str, Any] | None,
        callback_url: str | None,
        params: Mapping[str, str] | None,
    ) -> Response:
        """See `Auth.sign_in`."""
        response = self.auth.sign_in(
            self.request, provider, form=form, callback_url=callback_url, params=params
        )
        self.drop()
        return response

    def sign_out(self, *, callback_url: str | None, everywhere: bool = False) -> Response:
        """See `Auth.sign_out`."""
        response = self.auth.sign_out(
            self.request, callback_url=callback_url, everywhere=everywhere
        )
        self.drop()
        self._session, self.known = None, True
        return response
