"""The site that is measured: its users, its sessions, its three providers, and what a browser sends."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from authwire import Auth, AuthConfig, Request, SessionConfig, User
from authwire.adapters.memory import MemoryAdapter
from authwire.core.at_rest import hashed_token
from authwire.http import Headers
from authwire.models import AdapterSession
from authwire.ports import Adapter
from authwire.protocol import jwe
from authwire.providers import OIDC, Credentials, FormField, GitHub
from authwire.providers._types import Provider
from authwire.runtime import drive

__all__ = [
    "CLAIMS",
    "HOST",
    "NAME",
    "PUBLIC",
    "ROW_KEY",
    "SECRET",
    "browser_headers",
    "config",
    "config_for",
    "filled",
    "held",
    "request",
    "token",
]

HOST = "app.example"
SECRET = "a-secret-for-the-benchmarks-0123456789abcdef"
NAME = "authjs.session-token"
CLAIMS = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "picture": "https://example.com/ada.png",
    "sub": "5e2b7a2c-4c0e-4d9b-9a51-1f0b8c2d7e6f",
}
PUBLIC = {"name": CLAIMS["name"], "email": CLAIMS["email"], "image": CLAIMS["picture"]}
"""The user as a session shows it."""
ROW_KEY = "0123456789abcdef" * 4
"""The session token of the one stored session."""


def config(
    adapter: Adapter[User] | None = None, *, providers: int = 3, secret: str = SECRET
) -> AuthConfig:
    """The config; with other than the three providers of the comparison if asked."""
    chosen: list[Provider] = [
        OIDC(id="idp", name="IdP", issuer="https://idp.example", client_id="a", client_secret="b"),
        GitHub(client_id="a", client_secret="b"),
        Credentials(
            authorize=lambda form, request: None,
            fields={
                "name": FormField(label="Name"),
                "password": FormField(label="Password", type="password"),
            },
        ),
    ]
    chosen += [
        OIDC(
            id=f"idp{number}",
            name=f"IdP {number}",
            issuer=f"https://idp{number}.example",
            client_id="a",
            client_secret="b",
        )
        for number in range(len(chosen), providers)
    ]
    return AuthConfig(
        secret=secret,
        providers=chosen[:providers],
        adapter=adapter,
        # Not due, so that a read is a read and not a write.
        session=SessionConfig(update_age=timedelta(days=1)),
        trust_host=[HOST],
    )


def config_for(strategy: str) -> AuthConfig:
    """The config of a server: sessions in the cookie (``jwt``) or in memory (``database``)."""
    return config(filled() if strategy == "database" else None)


def filled() -> MemoryAdapter[User]:
    """A store with one user and one fresh session."""
    adapter: MemoryAdapter[User] = MemoryAdapter()
    user = User(id="1", name=PUBLIC["name"], email=PUBLIC["email"], image=PUBLIC["image"])
    drive(adapter.create_user(user))
    expires = datetime.now(UTC) + timedelta(days=30)
    row = AdapterSession(session_token=hashed_token(ROW_KEY), user_id="1", expires=expires)
    drive(adapter.create_session(row))
    return adapter


def token(secret: str = SECRET) -> str:
    """A fresh session token, as both sides make it."""
    return jwe.encode(
        CLAIMS, secrets=[secret], salt=NAME, max_age=86400 * 30, now=int(time.time()), jti="1"
    )


def browser_headers(cookie: str = "", accept: str = "application/json") -> list[tuple[str, str]]:
    """What a browser sends with every request."""
    fields = [
        ("host", HOST),
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        ("accept", accept),
        ("accept-language", "en-US,en;q=0.5"),
        ("accept-encoding", "gzip, deflate, br"),
    ]
    if cookie:
        fields.append(("cookie", cookie))
    return fields


def request(path: str, cookie: str = "", accept: str = "application/json") -> Request:
    """A fresh request: what is parsed once for each must be parsed again."""
    headers = Headers(browser_headers(cookie, accept))
    return Request(method="GET", path=path, host=HOST, headers=headers)


def held(auth: Auth[User]) -> str:
    """The cookies that a browser has after its first visit."""
    response = drive(auth.handle(request("/auth/csrf")))
    pairs = (cookie.header().partition(";")[0] for cookie in response.cookies)
    return "; ".join(pairs)
