"""The engine: a configuration resolved once, with every default filled in and every callable bound.

`resolve.py` builds it; the core only reads it. Its parts do no I/O by themselves: what they await
was given to them by a runtime.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Generic, Literal

from authwire.config import (
    AuthorizedParams,
    JWTDecodeParams,
    JWTEncodeParams,
    JWTParams,
    Pages,
    RedirectParams,
    SessionParams,
    SignInParams,
    Theme,
)
from authwire.core.events import EventBus
from authwire.core.log import Log
from authwire.core.metadata import Directory
from authwire.http import CookieOptions, Request, Response
from authwire.models import JSON, U, User
from authwire.pages import Renderer
from authwire.ports import Adapter, Http, Mailer
from authwire.protocol import jwe
from authwire.providers._types import Provider
from authwire.texts import Texts

__all__ = ["BoundCallbacks", "BoundProvider", "CookieSpec", "CookieTable", "Engine", "TrustedHosts"]

AsyncFn = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class CookieSpec:
    """A cookie's name and its usual attributes."""

    name: str
    options: CookieOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class CookieTable:
    """All cookies, for plain http or with the ``__Secure-`` names."""

    session_token: CookieSpec
    callback_url: CookieSpec
    csrf_token: CookieSpec
    pkce_code_verifier: CookieSpec
    state: CookieSpec
    nonce: CookieSpec
    webauthn_challenge: CookieSpec


@dataclass(frozen=True, kw_only=True)
class BoundCallbacks(Generic[U]):
    """The callbacks as async functions; None where the default applies."""

    sign_in: Callable[[SignInParams[U]], Awaitable[bool | str]] | None
    redirect: Callable[[RedirectParams], Awaitable[str]] | None
    jwt: Callable[[JWTParams[U]], Awaitable[JSON | None]] | None
    session: Callable[[SessionParams[U]], Awaitable[JSON]] | None
    authorized: Callable[[AuthorizedParams[U]], Awaitable[bool | Response]] | None
    texts: Callable[[Request], Awaitable[Texts]] | None
    encode: Callable[[JWTEncodeParams], Awaitable[str]] | None
    decode: Callable[[JWTDecodeParams], Awaitable[JSON | None]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundProvider:
    """A provider and its hooks as async functions."""

    provider: Provider
    hooks: Mapping[str, AsyncFn]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedHosts:
    """Which hosts links may be built for."""

    url: str | None
    """The one origin that beats every header, such as ``https://app.example``."""
    rule: Literal["any", "loopback", "none"] | tuple[str, ...]
    forwarded_host: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Engine(Generic[U]):
    """Everything a request needs, ready."""

    base_path: str
    """Without a trailing slash; empty at the root."""
    hosts: TrustedHosts
    secrets: tuple[str, ...] = field(repr=False)
    jwt_secrets: tuple[str, ...] = field(repr=False)
    providers: Mapping[str, BoundProvider]
    proxy_origin: str | None
    """Origin of ``redirect_proxy_url``."""
    user_type: type[U]
    strategy: Literal["jwt", "database"]
    max_age: timedelta
    update_age: timedelta
    absolute_max_age: timedelta | None
    jwt_max_age: timedelta
    generate_session_token: Callable[[], str] | None
    database: Adapter[U] | None
    callbacks: BoundCallbacks[U]
    events: EventBus
    pages: Pages
    theme: Theme
    texts: Texts
    renderer: Renderer
    cookies_plain: CookieTable
    cookies_secure: CookieTable
    use_secure_cookies: bool | None
    skip_csrf_check: bool
    http: Http
    mailer: Mailer
    directory: Directory
    log: Log
    now: Callable[[], datetime]
    random: Callable[[int], bytes]
    """Cryptographically secure bytes."""
    new_id: Callable[[], str]
    """A fresh UUID."""

    # --- secrets: the one place where things are sealed and hashed ---

    def seal(self, claims: Mapping[str, Any], *, salt: str, max_age: timedelta) -> str:
        """Encrypt ``claims`` for ourselves; ``salt`` is the purpose and must be given again."""
        return jwe.encode(
            claims,
            secrets=self.jwt_secrets,
            salt=salt,
            max_age=int(max_age.total_seconds()),
            now=int(self.now().timestamp()),
            jti=self.new_id(),
        )

    def unseal(self, token: str, *, salt: str, now: float | None = None) -> JSON:
        """Undo `seal`.

        Args:
            token: what `seal` made.
            salt: the purpose.
            now: unix time in seconds, if the caller has looked at the clock already.

        Raises:
            jwe.InvalidToken: if it is not ours, for another purpose, altered or expired.
        """
        moment = self.now().timestamp() if now is None else now
        return jwe.decode(token, secrets=self.jwt_secrets, salt=salt, now=moment)

    def hash_token(self, token: str, secret: str | None = None) -> str:
        """``sha256hex(token + secret)``, as Auth.js stores verification tokens and signs CSRF cookies.

        Several secrets are joined by commas, because that is what JavaScript makes of a list.
        """
        salt = self._hash_secrets[0] if secret is None else secret.encode("utf-8", "replace")
        return _hashed(token, salt)

    def is_hash_of(self, token: str, signature: str) -> bool:
        """Whether `hash_token` made ``signature``, with the secrets as they are or any one of them.

        So rotating secrets voids no open form. All are computed: the time tells nothing.
        """
        sent = signature.encode("utf-8", "replace")
        found = False
        for secret in self._hash_secrets:
            found |= hmac.compare_digest(_hashed(token, secret).encode(), sent)
        return found

    @cached_property
    def _hash_secrets(self) -> tuple[bytes, ...]:
        known = dict.fromkeys((",".join(self.secrets), *self.secrets))
        return tuple(secret.encode("utf-8", "replace") for secret in known)

    def as_user(self, user: User, **changes: Any) -> U:
        """``user`` as the app's user type, with ``changes`` applied."""
        known = {item.name for item in fields(self.user_type)}
        values = {item.name: getattr(user, item.name) for item in fields(user)}
        values.update(changes)
        return self.user_type(**{name: v for name, v in values.items() if name in known})


def _hashed(token: str, secret: bytes) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace") + secret).hexdigest()
