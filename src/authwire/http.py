"""HTTP as values: what every framework is translated to and from. No framework, no I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, quote, unquote

__all__ = [
    "MAX_BODY_BYTES",
    "Cookie",
    "CookieOptions",
    "Headers",
    "HttpRequest",
    "HttpResponse",
    "MalformedBody",
    "Request",
    "Response",
    "parse_cookies",
    "quote_component",
]

MAX_BODY_BYTES = 1 << 20
"""Integrations refuse a request body over this size with 413."""

# What JavaScript's encodeURIComponent leaves alone beyond letters and digits.
_COMPONENT_SAFE = "-_.!~*'()"
# RFC 6265 §4.1.1: a cookie name is a token (RFC 9110 §5.6.2).
_COOKIE_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PLAIN = re.compile(r"[-_.!~*'()0-9A-Za-z]*\Z")
# Escapes of ASCII characters, in both spellings; other bytes are left to the slow path.
_ESCAPES = {
    spelling: chr(code) for code in range(0x80) for spelling in (f"{code:02X}", f"{code:02x}")
}
_COOKIE_ATTRIBUTE = re.compile(r"[\x20-\x3a\x3c-\x7e]*\Z")


class MalformedBody(ValueError):
    """A request body that is not what its content type says."""


def quote_component(text: str) -> str:
    """Percent-encode as JavaScript's ``encodeURIComponent`` does (lone surrogates become U+FFFD)."""
    if _PLAIN.match(text):
        return text
    return quote(text.encode("utf-8", "replace"), safe=_COMPONENT_SAFE)


class Headers:
    """An immutable list of header fields with case-insensitive lookup; repeated fields are kept."""

    __slots__ = ("_first", "_known", "_raw")

    def __init__(self, items: Iterable[tuple[str, str]] = ()) -> None:
        self._known: tuple[tuple[str, str], ...] | None = tuple(
            (name.lower(), value) for name, value in items
        )
        self._raw: Sequence[tuple[bytes, bytes]] = ()
        self._first: dict[bytes, bytes] | None = None
        """Of the raw ones, the first of each name."""

    @classmethod
    def of_bytes(cls, raw: Iterable[tuple[bytes, bytes]]) -> Self:
        """Fields as ASGI has them. They are decoded when they are asked for: most never are."""
        headers = cls.__new__(cls)
        headers._known = None  # noqa: SLF001  # its own
        headers._raw = raw if isinstance(raw, list | tuple) else tuple(raw)  # noqa: SLF001  # as above
        headers._first = None  # noqa: SLF001  # as above
        return headers

    @property
    def _items(self) -> tuple[tuple[str, str], ...]:
        if self._known is None:
            self._known = tuple(
                (name.decode("latin-1").lower(), value.decode("latin-1"))
                for name, value in self._raw
            )
        return self._known

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of ``name``."""
        if self._known is None:
            if self._first is None:
                self._first = {key.lower(): value for key, value in reversed(self._raw)}
            value = self._first.get(name.lower().encode("latin-1"))
            return default if value is None else value.decode("latin-1")
        name = name.lower()
        for known, text in self._known:
            if known == name:
                return text
        return default

    def get_all(self, name: str) -> list[str]:
        """Every value of ``name``, in order."""
        if self._known is None:
            wanted = name.lower().encode("latin-1")
            return [value.decode("latin-1") for key, value in self._raw if key.lower() == wanted]
        name = name.lower()
        return [value for key, value in self._known if key == name]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._items == other._items

    def __hash__(self) -> int:
        return hash(self._items)

    def __repr__(self) -> str:
        # Values may be secrets (Cookie, Authorization): only names are shown.
        return f"Headers({', '.join(name for name, _ in self._items)})"


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as the core sees it.

    ``path`` and ``query_string`` are kept as sent (percent-encoded), because decoding them twice is
    how routers are fooled. ``scheme`` and ``host`` are what the server saw itself; forwarded headers
    stay in ``headers`` and are judged by ``core.guards``.
    """

    method: str
    path: str
    scheme: str = "http"
    host: str = ""
    query_string: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = field(default=b"", repr=False)
    client: str | None = None
    """Address of the peer, if the server tells it."""
    native: Any = field(default=None, repr=False, compare=False)
    """The framework's own request, for callbacks that want it."""

    @property
    def target(self) -> str:
        """Path and query, as sent (RFC 9112 §3.2)."""
        return f"{self.path}?{self.query_string}" if self.query_string else self.path

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The query's fields; of a repeated one the last counts, as in Auth.js."""
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    @cached_property
    def cookies(self) -> Mapping[str, str]:
        """The request's cookies, decoded; of a repeated name the first counts."""
        return _SentCookies("; ".join(self.headers.get_all("cookie")))

    @cached_property
    def form(self) -> Mapping[str, Any]:
        """The fields of a POST body, JSON or form-urlencoded; empty for anything else.

        Raises:
            MalformedBody: if the body is not what its content type says.
        """
        if self.method != "POST" or not self.body:
            return {}
        content_type = (self.headers.get("content-type") or "").lower()
        try:
            if "application/json" in content_type:
                data = json.loads(self.body)
                return data if isinstance(data, dict) else {}
            if "application/x-www-form-urlencoded" in content_type:
                text = self.body.decode("utf-8", "replace")
                return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=1000))
        except (ValueError, RecursionError) as exc:
            raise MalformedBody("the body cannot be parsed") from exc
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class CookieOptions:
    """Attributes of a Set-Cookie field (RFC 6265 §4.1)."""

    http_only: bool = True
    same_site: Literal["lax", "strict", "none"] | None = "lax"
    path: str = "/"
    secure: bool = False
    domain: str | None = None
    max_age: int | None = None
    """Seconds."""
    expires: datetime | None = None
    partitioned: bool = False


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie on its way to the browser. ``value`` is plain; it is percent-encoded on the wire."""

    name: str
    value: str = field(repr=False)
    options: CookieOptions = CookieOptions()

    def header(self) -> str:
        """The value of the ``Set-Cookie`` field.

        Raises:
            ValueError: if the name, domain or path cannot stand in a header.
        """
        options = self.options
        if not _COOKIE_NAME.match(self.name):
            raise ValueError(f"not a cookie name: {self.name!r}")
        before, after = _attributes(
            options.max_age,
            options.domain,
            options.path,
            options.http_only,
            options.secure,
            options.partitioned,
            options.same_site,
        )
        expires = "" if options.expires is None else f"; Expires={_http_date(options.expires)}"
        return f"{self.name}={quote_component(self.value)}{before}{expires}{after}"


@lru_cache(maxsize=256)
def _attributes(  # noqa: PLR0917  # a cache wants its key in one order
    max_age: int | None,
    domain: str | None,
    path: str,
    http_only: bool,  # noqa: FBT001  # as above
    secure: bool,  # noqa: FBT001  # as above
    partitioned: bool,  # noqa: FBT001  # as above
    same_site: str | None,
) -> tuple[str, str]:
    """The attributes before and after ``Expires``, which alone differs from cookie to cookie."""
    before = [] if max_age is None else [f"Max-Age={max_age}"]
    for label, text in (("Domain", domain), ("Path", path)):
        if text:
            if not _COOKIE_ATTRIBUTE.match(text):
                raise ValueError(f"not a cookie {label.lower()}: {text!r}")
            before.append(f"{label}={text}")
    flags = (("HttpOnly", http_only), ("Secure", secure), ("Partitioned", partitioned))
    after = [flag for flag, wanted in flags if wanted]
    if same_site:
        after.append(f"SameSite={same_site.capitalize()}")
    return "".join(f"; {text}" for text in before), "".join(f"; {text}" for text in after)


def _http_date(moment: datetime) -> str:
    """As ``email.utils.format_datetime`` writes it (RFC 9110 §5.6.7), in a quarter of the time."""
    utc = moment.astimezone(UTC)
    day, month = _DAYS[utc.weekday()], _MONTHS[utc.month - 1]
    return (
        f"{day}, {utc.day:02} {month} {utc.year:04}"
        f" {utc.hour:02}:{utc.minute:02}:{utc.second:02} GMT"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer. Header names are lower case; ``cookies`` become ``set-cookie`` fields."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    cookies: tuple[Cookie, ...] = ()

    @property
    def location(self) -> str | None:
        """Where a redirect leads."""
        return next((value for name, value in self.headers if name == "location"), None)

    def wire_headers(self) -> list[tuple[str, str]]:
        """All header fields, with one ``set-cookie`` for each cookie, ready for a server."""
        fields = list(self.headers)
        fields.extend(("set-cookie", cookie.header()) for cookie in self.cookies)
        return fields


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request that we send to a provider."""

    method: Literal["GET", "POST"]
    url: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """A provider's answer, wholly read."""

    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes = field(default=b"", repr=False)


def parse_cookies(header: str) -> dict[str, str]:
    """Read a ``Cookie`` header as browsers write it; of a repeated name the first counts.

    Values are percent-decoded; one that cannot be decoded is kept as sent. Quotes are kept.
    """
    return dict(_SentCookies(header))


class _SentCookies(Mapping[str, str]):
    """The cookies of a request. Each is decoded when it is asked for: most belong to others."""

    __slots__ = ("_sent",)

    def __init__(self, header: str) -> None:
        self._sent: dict[str, str] = {}
        for pair in header.split(";"):
            name, separator, value = pair.partition("=")
            name = name.strip(" \t")
            if separator and name not in self._sent:
                self._sent[name] = value

    def __getitem__(self, name: str) -> str:
        value = self._sent[name].strip(" \t")
        if "%" in value:
            with suppress(ValueError):  # what cannot be decoded stays as sent
                return _decode_component(value)
        return value

    def __contains__(self, name: object) -> bool:
        return name in self._sent

    def __iter__(self) -> Iterator[str]:
        return iter(self._sent)

    def __len__(self) -> int:
        return len(self._sent)

    def __repr__(self) -> str:
        return f"_SentCookies({', '.join(self._sent)})"  # values are secrets


def _decode_component(text: str) -> str:
    """JavaScript's ``decodeURIComponent``.

    Raises:
        ValueError: on ``%`` without two hex digits, or bytes that are no UTF-8.
    """
    first, *rest = text.split("%")
    decoded = [first]
    for part in rest:
        character = _ESCAPES.get(part[:2])
        if character is None:
            break
        decoded.append(character + part[2:])
    else:
        return "".join(decoded)
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise ValueError("malformed percent-encoding")
    return unquote(text, errors="strict")
