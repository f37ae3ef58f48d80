"""HTTP as values: what every framework is translated to and from. No framework, no I/O."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any, Literal
from urllib.parse import parse_qsl, quote, unquote

from authwire.headers import Headers

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
_PLAIN = (string.ascii_letters + string.digits + _COMPONENT_SAFE).encode()
# Escapes of ASCII characters, in both spellings; other bytes are left to the slow path.
_ESCAPES = {
    spelling: chr(code) for code in range(0x80) for spelling in (f"{code:02X}", f"{code:02x}")
}
_COOKIE_ATTRIBUTE = re.compile(r"[\x20-\x3a\x3c-\x7e]*\Z")


class MalformedBody(ValueError):
    """A request body that is not what its content type says."""


def quote_component(text: str) -> str:
    """Percent-encode as JavaScript's ``encodeURIComponent`` does (lone surrogates become U+FFFD)."""
    if text.isascii() and not text.encode().translate(None, _PLAIN):
        return text
    return quote(text.encode("utf-8", "replace"), safe=_COMPONENT_SAFE)


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
    """The framework's own request, for callbacks that want it; not to be kept beyond the answer."""

    @property
    def target(self) -> str:
        """Path and query, as sent (RFC 9112 §3.2)."""
        return f"{self.path}?{self.query_string}" if self.query_string else self.path

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The query's fields; of a repeated one the last counts, as in Auth.js."""
        if not self.query_string:
            return {}
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
    expires: datetime | None = None
    """When the browser shall forget it, instead of what ``options`` say."""

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
        end = self.expires or options.expires
        expires = "" if end is None else f"; Expires={_http_date(end)}"
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
    """As ``email.utils.format_datetime`` writes it (RFC 9110 §5.6.7)."""
    return _date_of_second(moment.replace(microsecond=0))


@lru_cache(maxsize=64)  # cookies of the same second end in the same second
def _date_of_second(moment: datetime) -> str:
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
        for name, value in self.headers:
            if name == "location":
                return value
        return None

    def with_cookies(self, cookies: Iterable[Cookie]) -> Response:
        """This answer with more cookies."""
        return Response(
            status=self.status,
            headers=self.headers,
            body=self.body,
            cookies=(*self.cookies, *cookies),
        )

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

    def get(self, name: str, default: Any = None, /) -> Any:
        # Mapping's own asks for an exception, and most of the cookies that we look for are not there.
        return self[name] if name in self._sent else default

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
