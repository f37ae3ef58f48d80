"""A browser in a few lines, over both façades, so that each core test runs under both runtimes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import anyio

from authwire import Auth, AuthConfig, CookieJar, Request, Response, Session, SyncAuth, User
from authwire.adapters.memory import MemoryAdapter
from authwire.http import Cookie, Headers, quote_component
from authwire.providers import OIDC, Credentials, Email, FormField, VerificationRequest
from authwire.testing.provider import Callback, FakeClient, FakeProvider

SECRET = "test-secret-0123456789abcdef0123456789abcdef"
CLIENT_SECRET = "web-secret-0123456789abcdef0123456789abcdef"


class Clock:
    """The engine's time; tests move it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Records:
    """A logger that remembers."""

    lines: list[str] = field(default_factory=list)

    def _add(self, level: str, msg: str, args: tuple[Any, ...]) -> None:
        self.lines.append(f"{level} {msg % args if args else msg}")

    def error(self, msg: str, *args: Any, exc_info: BaseException | None = None) -> None:
        self._add("error", msg, args)
        if exc_info is not None:
            self.lines.append(repr(exc_info))

    def warning(self, msg: str, *args: Any) -> None:
        self._add("warning", msg, args)

    def debug(self, msg: str, *args: Any) -> None:
        self._add("debug", msg, args)


class Browser:
    """Sends requests to an Auth and keeps its cookies."""

    def __init__(self, auth: Auth[Any] | SyncAuth[Any], host: str = "localhost:3000") -> None:
        self.auth = auth
        self.host = host
        self.cookies: dict[str, str] = {}
        self.sent: list[Cookie] = []

    def send(
        self,
        method: str,
        path: str,
        *,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        body: Any = None,
        raw: bytes | None = None,
    ) -> Response:
        request = self.request(
            method, path, query=query, headers=headers, form=form, body=body, raw=raw
        )
        return self.receive(self.run(self.auth.handle, request))

    def request(
        self,
        method: str,
        path: str,
        *,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        body: Any = None,
        raw: bytes | None = None,
    ) -> Request:
        fields = {"host": self.host, **(headers or {})}
        if self.cookies:
            fields["cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        content = raw or b""
        if form is not None:
            fields["content-type"] = "application/x-www-form-urlencoded"
            content = urlencode(form).encode()
        elif body is not None:
            fields["content-type"] = "application/json"
            content = json.dumps(body).encode()
        scheme = fields.pop(":scheme", "http")
        return Request(
            method=method,
            path=path,
            scheme=scheme,
            host=self.host,
            query_string=query,
            headers=Headers(fields.items()),
            body=content,
        )

    def run(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if isinstance(self.auth, SyncAuth):
            return fn(*args, **kwargs)

        async def call() -> Any:
            return await fn(*args, **kwargs)

        return anyio.run(call)

    def receive(self, response: Response) -> Response:
        self.sent = list(response.cookies)
        for cookie in response.cookies:
            if cookie.options.max_age == 0 or not cookie.value:
                self.cookies.pop(cookie.name, None)
            else:
                self.cookies[cookie.name] = quote_component(cookie.value)
        return response

    def get(self, action: str, query: str = "", **more: Any) -> Response:
        return self.send("GET", f"/auth/{action}", query=query, **more)

    def post(self, action: str, query: str = "", **fields: Any) -> Response:
        """POST a form with a valid CSRF token."""
        return self.send(
            "POST", f"/auth/{action}", query=query, form={"csrfToken": self.csrf(), **fields}
        )

    def csrf(self) -> str:
        token: str = json.loads(self.get("csrf").body)["csrfToken"]
        return token

    def session(self) -> Any:
        return json.loads(self.get("session").body)

    def app_session(self, jar: CookieJar | None = None) -> Session | None:
        session: Session | None = self.run(self.auth.session, self.request("GET", "/"), jar=jar)
        return session

    def follow(self, location: str | None) -> Response:
        parts = urlsplit(location or "")
        return self.send("GET", parts.path, query=parts.query)

    def sign_in(self, username: str = "ada", **fields: Any) -> Response:
        return self.post(
            "callback/credentials", username=username, password="open sesame", **fields
        )


def judge(credentials: Mapping[str, Any], _request: Request) -> User | None:
    """Accepts everybody who knows the password."""
    if credentials.get("password") != "open sesame":
        return None
    name = str(credentials["username"])
    return User(id=f"id-{name}", name=name.title(), email=f"{name}@example.com")


@dataclass
class World:
    """A config under test and what it leaves behind."""

    kind: str
    clock: Clock = field(default_factory=Clock)
    log: Records = field(default_factory=Records)
    mails: list[VerificationRequest] = field(default_factory=list)
    adapter: MemoryAdapter[Any] = field(default_factory=MemoryAdapter)

    def config(self, **changes: Any) -> AuthConfig[Any]:
        base: AuthConfig[Any] = AuthConfig(
            secret=SECRET,
            providers=[
                Credentials(
                    authorize=judge,
                    fields={
                        "username": FormField(label="Name"),
                        "password": FormField(label="Password", type="password"),
                    },
                ),
            ],
            now=self.clock,
            logger=self.log,
        )
        return replace(base, **changes)

    def email(self, **changes: Any) -> Email:
        return replace(Email(send=self.mails.append), **changes)

    def auth(self, config: Any = None, **changes: Any) -> Auth[Any] | SyncAuth[Any]:
        config = config if config is not None else self.config(**changes)
        if self.kind == "anyio":
            return Auth(config, environ={})
        return SyncAuth(config, environ={})

    def browser(self, config: Any = None, **changes: Any) -> Browser:
        return Browser(self.auth(config, **changes))

    def run(self, fn: Callable[..., Any], *args: Any) -> Any:
        """Call an async function of the adapter, behind the app's back."""

        async def call() -> Any:
            return await fn(*args)

        return anyio.run(call)


@dataclass
class Tab:
    """A browser at a provider's door."""

    browser: Browser
    idp: FakeProvider
    provider: str
    location: str = ""

    def start(self, **fields: Any) -> Response:
        answer = self.browser.post(f"signin/{self.provider}", **fields)
        self.location = answer.location or ""
        return answer

    def come_back(self, callback: Callback | None = None, *, sub: str | None = None) -> Response:
        callback = callback or self.idp.approve(self.location, sub=sub)
        parts = urlsplit(callback.url)
        if callback.method == "POST":
            return self.browser.send("POST", parts.path, form=callback.params)
        return self.browser.send("GET", parts.path, query=parts.query)


def idp_for(world: World, *providers: str, **options: Any) -> FakeProvider:
    """An OpenID provider that knows the app's callbacks of ``providers``."""
    client = FakeClient(
        client_id="web",
        client_secret=CLIENT_SECRET,
        redirect_uris=tuple(
            f"{origin}/auth/callback/{name}"
            for name in providers or ("idp",)
            for origin in ("http://localhost:3000", "https://localhost:3000")
        ),
        **options.pop("client", {}),
    )
    return FakeProvider(clients=[client], now=world.clock, **options)


def oidc(idp: FakeProvider, **changes: Any) -> OIDC[Any]:
    provider: OIDC[Any] = OIDC(
        id="idp",
        name="IdP",
        issuer=idp.issuer,
        client_id="web",
        client_secret=CLIENT_SECRET,
        checks=("pkce", "state"),
    )
    return replace(provider, **changes)
