"""What the provider remembers: grants, and the codes and tokens that stand for them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from authwire.testing._provider.model import Clock

__all__ = ["AccessToken", "Code", "Grant", "Pending", "RefreshToken", "State"]

T = TypeVar("T")
CODE_SECONDS: Final = 60
CONSENT_SECONDS: Final = 600
PUSHED_SECONDS: Final = 60
TOKEN_SECONDS: Final = 3600
SESSION_SECONDS: Final = 86400
REFRESH_SECONDS: Final = 30 * 86400
# A used code is remembered, so that its second use takes the tokens back (RFC 6749 §4.1.2).
_REMEMBER: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An authorization request that was found good and waits for somebody's word."""

    client_id: str
    redirect_uri: str
    response_mode: str
    scope: tuple[str, ...]
    state: str | None
    nonce: str | None
    code_challenge: str | None
    prompt: tuple[str, ...]
    login_hint: str | None


@dataclass(slots=True, kw_only=True)
class Grant:
    """What somebody allowed an app. Codes and tokens die with it."""

    client_id: str
    sub: str
    scope: tuple[str, ...]
    auth_time: int
    request: Pending
    revoked: bool = False


@dataclass(slots=True, kw_only=True)
class Code:
    grant: Grant
    used: bool = False


@dataclass(slots=True, kw_only=True)
class AccessToken:
    grant: Grant
    scope: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class RefreshToken:
    grant: Grant
    used: bool = False


@dataclass(slots=True)
class _Kept(Generic[T]):
    value: T
    expires: datetime


@dataclass(slots=True)
class Shelf(Generic[T]):
    """Values under names that cannot be guessed, each for a time."""

    now: Clock
    seconds: int
    prefix: str = ""
    _items: dict[str, _Kept[T]] = field(default_factory=dict)

    def put(self, value: T) -> str:
        """Keep ``value`` and return its name."""
        now = self.now()
        forgotten = [name for name, item in self._items.items() if item.expires + _REMEMBER < now]
        for name in forgotten:
            del self._items[name]
        name = self.prefix + secrets.token_urlsafe(32)
        self._items[name] = _Kept(value, now + timedelta(seconds=self.seconds))
        return name

    def get(self, name: str) -> T | None:
        item = self._items.get(name)
        return None if item is None or item.expires <= self.now() else item.value

    def take(self, name: str) -> T | None:
        """Get it once."""
        value = self.get(name)
        self._items.pop(name, None)
        return value

    def drop(self, name: str) -> None:
        self._items.pop(name, None)


class State:
    """Everything the provider keeps, in memory."""

    def __init__(self, now: Clock) -> None:
        self.consents: Shelf[Pending] = Shelf(now, CONSENT_SECONDS)
        self.pushed: Shelf[Mapping[str, str]] = Shelf(
            now, PUSHED_SECONDS, "urn:ietf:params:oauth:request_uri:"
        )
        self.codes: Shelf[Code] = Shelf(now, CODE_SECONDS)
        self.access_tokens: Shelf[AccessToken] = Shelf(now, TOKEN_SECONDS)
        self.refresh_tokens: Shelf[RefreshToken] = Shelf(now, REFRESH_SECONDS)
        self.sessions: Shelf[str] = Shelf(now, SESSION_SECONDS)
        """The ``sub`` of who is signed in, by the value of the session cookie."""
        self.assertions: set[str] = set()
        """Ids of client assertions seen, which may not come twice (RFC 7523 §3)."""
