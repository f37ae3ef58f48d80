"""Cookies on their way out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from authwire.core.engine import CookieSpec
from authwire.http import Cookie

__all__ = ["CookieJar"]


class CookieJar:
    """Collects cookies for a response; of one name the last counts.

    Integrations keep one for each request and send it with the answer (`take`).
    """

    __slots__ = ("_cookies",)

    def __init__(self) -> None:
        self._cookies: dict[str, Cookie] = {}

    def set(self, spec: CookieSpec, value: str, **changes: Any) -> None:
        """Send a cookie; ``changes`` are fields of `CookieOptions`."""
        options = replace(spec.options, **changes) if changes else spec.options
        self.add((Cookie(spec.name, value, options),))

    def clear(self, spec: CookieSpec) -> None:
        """Have the browser forget a cookie."""
        self.set(spec, "", max_age=0, expires=None)

    def discard(self, name: str) -> None:
        """Don't send the cookie of that name after all."""
        self._cookies.pop(name, None)

    def add(self, cookies: Iterable[Cookie]) -> None:
        """Put in cookies that are made already."""
        for cookie in cookies:
            self._cookies.pop(cookie.name, None)
            self._cookies[cookie.name] = cookie

    def take(self) -> tuple[Cookie, ...]:
        """All cookies, and an empty jar."""
        cookies = tuple(self._cookies.values())
        self._cookies.clear()
        return cookies

    def __iter__(self) -> Iterator[Cookie]:
        return iter(self._cookies.values())

    def __len__(self) -> int:
        return len(self._cookies)
