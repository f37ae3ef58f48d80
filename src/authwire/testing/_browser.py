"""The parts of a browser that matter here: answers and cookies."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from authwire.http import Headers

__all__ = ["Answer", "BrowserCookies"]

_LARGEST = 4096
_SECONDS = re.compile(r"-?[0-9]{1,9}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    url: str
    """Of the request."""
    status: int
    headers: Headers
    body: bytes = field(repr=False)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body.

        Raises:
            ValueError: if it is not JSON.
        """
        return json.loads(self.body)

    @property
    def location(self) -> str | None:
        """Where a redirect leads, as an absolute URL."""
        target = self.headers.get("location")
        return None if target is None else urljoin(self.url, target)

    @property
    def set_cookies(self) -> list[str]:
        """The ``Set-Cookie`` fields."""
        return self.headers.get_all("set-cookie")


@dataclass(frozen=True, slots=True)
class _Held:
    value: str
    path: str
    secure: bool
    expires: datetime | None


class BrowserCookies:
    """Cookies as a browser keeps them for one site (RFC 6265, and its prefixes of 6265bis §4.1.3).

    What a browser would refuse is not kept: a bad ``__Host-`` or ``__Secure-`` cookie, ``Secure``
    from plain http, and more than 4096 bytes.

    Args:
        now: the clock, for ``Expires``.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._held: dict[tuple[str, str], _Held] = {}
        self._now = now

    def store(self, header: str, url: str) -> None:
        """Take in one ``Set-Cookie`` field of an answer from ``url``."""
        pair, *rest = header.split(";")
        name, _, value = pair.partition("=")
        name, value = name.strip(), value.strip()
        attributes: dict[str, str] = {}
        for item in rest:
            key, _, text = item.strip().partition("=")
            attributes[key.lower()] = text
        secure = "secure" in attributes
        path = attributes.get("path") or "/"
        if not path.startswith("/"):
            path = "/"
        if _is_refused(name, secure, path, attributes, url) or len(name + value) > _LARGEST:
            return
        expires = self._expiry(attributes)
        if expires is not None and expires <= self._now():
            self._held.pop((name, path), None)
            return
        self._held[name, path] = _Held(value, path, secure, expires)

    def header(self, url: str) -> str:
        """The ``Cookie`` field for a request of ``url``; longer paths first."""
        asked = urlsplit(url).path or "/"
        fit = [
            (held.path, f"{name}={held.value}")
            for (name, _), held in self._held.items()
            if (asked == held.path or asked.startswith(held.path.rstrip("/") + "/"))
            and (not held.secure or _is_safe(url))
            and (held.expires is None or held.expires > self._now())
        ]
        fit.sort(key=lambda item: -len(item[0]))
        return "; ".join(pair for _, pair in fit)

    def set(self, name: str, value: str, *, path: str = "/") -> None:
        """Plant a cookie; ``value`` is as on the wire."""
        self._held[name, path] = _Held(value, path, secure=False, expires=None)

    def clear(self) -> None:
        self._held.clear()

    def __contains__(self, name: object) -> bool:
        return any(held == name for held, _ in self._held)

    def __getitem__(self, name: str) -> str:
        for (held_name, _), held in self._held.items():
            if held_name == name:
                return held.value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter({name for name, _ in self._held})

    def __len__(self) -> int:
        return len(self._held)

    def __repr__(self) -> str:
        return f"BrowserCookies({', '.join(sorted(self))})"

    def _expiry(self, attributes: dict[str, str]) -> datetime | None:
        max_age = attributes.get("max-age", "")
        if _SECONDS.match(max_age):
            return self._now() + timedelta(seconds=int(max_age))
        if "expires" not in attributes:
            return None
        try:
            expires = parsedate_to_datetime(attributes["expires"])
        except (ValueError, OverflowError):
            return None
        return expires if expires.tzinfo else expires.replace(tzinfo=UTC)


def _is_refused(name: str, secure: bool, path: str, attributes: dict[str, str], url: str) -> bool:  # noqa: FBT001  # all of it is one cookie
    if secure and not _is_safe(url):
        return True
    if name.startswith("__Secure-"):
        return not secure
    if name.startswith("__Host-"):
        return not secure or path != "/" or bool(attributes.get("domain"))
    return not name


def _is_safe(url: str) -> bool:
    """Whether Secure cookies travel there; browsers trust loopback too."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme == "https" or host == "localhost" or host.startswith("127.")
