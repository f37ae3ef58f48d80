"""Judging URLs that came from a browser.

Browsers forgive much (backslashes, tabs, missing slashes), so nothing here tries to repair: what is
not plainly our own origin is treated as foreign.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode, urlsplit

__all__ = ["has_control_characters", "is_http_url", "same_origin", "with_params"]

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_AUTHORITY: Final = re.compile(
    r"(https?)://([A-Za-z0-9.\-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?(?=[/?#]|\Z)", re.IGNORECASE
)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_DEFAULT_PORT: Final = {"http": "80", "https": "443"}


def has_control_characters(url: str) -> bool:
    """Whether ``url`` holds a control character, which would break a header (RFC 9110 §5.5)."""
    return _CONTROL.search(url) is not None


def is_http_url(url: str) -> bool:
    """Whether a browser would take ``url`` for a path or an http(s) URL, of whatever host."""
    if url.startswith("/"):
        return True
    scheme = _SCHEME.match(url)
    if scheme is None or scheme.group(1).lower() not in _DEFAULT_PORT or len(url) == scheme.end():
        return False
    try:
        urlsplit(url).port  # noqa: B018  # reading it is what checks it
    except ValueError:
        return False
    return True


def same_origin(url: str, origin: str) -> bool:
    """Whether the absolute ``url`` is surely on ``origin``: no user info, no odd spelling."""
    ours, theirs = _origin(origin), _origin(url)
    return ours is not None and ours == theirs


def _origin(url: str) -> tuple[str, str, str] | None:
    if has_control_characters(url) or "\\" in url or " " in url:
        return None
    found = _AUTHORITY.match(url)
    if found is None:
        return None
    scheme = found.group(1).lower()
    return scheme, found.group(2).lower(), found.group(3) or _DEFAULT_PORT[scheme]


def with_params(url: str, params: Mapping[str, str]) -> str:
    """``url`` with ``params`` added to its query, before any fragment."""
    base, hash_, fragment = url.partition("#")
    separator = "&" if "?" in base else "?"
    return f"{base}{separator}{urlencode(params)}{hash_}{fragment}"
