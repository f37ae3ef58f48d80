"""Sending a magic link through the HTTP API of a mail service: what all of them share."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from typing import Any, Final, TypeAlias, TypedDict
from urllib.parse import quote

from authwire.errors import EmailSignInError, ProtocolError
from authwire.http import HttpRequest, HttpResponse
from authwire.protocol.answers import printable
from authwire.providers._types import MaybeAsync, Style, VerificationRequest

__all__ = [
    "ApiSender",
    "EmailOptions",
    "SenderOptions",
    "address_of",
    "basic",
    "bearer",
    "json_post",
]

_HEADERS: Final = (("accept", "application/json"), ("user-agent", "authwire"))
# RFC 5322 §3.2.3 specials. In a list of recipients a comma or a semicolon would make two of one.
_ONE_ADDRESS = re.compile(r"""[^\s()<>\[\]:;\\,"@]+@[^\s()<>\[\]:;\\,"@]+""")
_MAX_REASON = 4000  # bytes; a log line shows some hundred characters of it
_LIKE_AN_ADDRESS = re.compile(r"[^\s\"'<>(),;:]+(?:@|%40)[^\s\"'<>(),;:]+")

BuildRequest: TypeAlias = Callable[[VerificationRequest, str], HttpRequest]


class EmailOptions(TypedDict, total=False):
    """The fields of `Email` that every way to send leaves to you."""

    id: str
    name: str
    sender: str
    max_age: timedelta
    generate_token: Callable[[], MaybeAsync[str]]
    normalize_identifier: Callable[[str], str]
    secret: str
    confirm: bool
    style: Style


class SenderOptions(EmailOptions, total=False):
    """`EmailOptions`, and the key of the service. Env: ``AUTH_<ID>_KEY``."""

    api_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSender:
    """A ``send`` hook that makes one request to a service."""

    service: str
    """Its name, for the log."""
    build: BuildRequest
    """The request, given what is to be sent and the API key."""

    async def __call__(self, request: VerificationRequest) -> None:
        """Hand the mail over.

        Raises:
            EmailSignInError: if the service cannot be reached or refuses. The message tells its
                reason without address, link or key.
        """
        key = request.provider.api_key or ""
        if not key or not key.isascii() or not key.isprintable():
            raise EmailSignInError(f"the API key for {self.service} is missing or malformed")
        if not _ONE_ADDRESS.fullmatch(request.identifier):
            raise EmailSignInError("the recipient is not one plain mail address")
        try:
            answer = await request.http.send(self.build(request, key))
        except ProtocolError as exc:
            raise EmailSignInError(f"{self.service} cannot be reached") from exc
        if not 200 <= answer.status < 300:
            secrets = (request.url, request.token, key, request.identifier)
            reason = _reason(answer, secrets)
            raise EmailSignInError(f"{self.service} answered with status {answer.status}: {reason}")


def json_post(url: str, body: Mapping[str, Any], *headers: tuple[str, str]) -> HttpRequest:
    """A POST of ``body`` as JSON."""
    return HttpRequest(
        method="POST",
        url=url,
        headers=(*_HEADERS, ("content-type", "application/json"), *headers),
        body=json.dumps(body).encode("ascii"),
    )


def bearer(key: str) -> tuple[str, str]:
    """The key as a bearer token (RFC 6750 §2.1)."""
    return "authorization", f"Bearer {key}"


def basic(user: str, password: str) -> tuple[str, str]:
    """User and password (RFC 7617)."""
    return "authorization", f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def address_of(sender: str) -> tuple[str, str]:
    """Name and address of ``Name <address>``; the name may be empty.

    Raises:
        EmailSignInError: if there is no address.
    """
    name, address = parseaddr(sender)
    if not _ONE_ADDRESS.fullmatch(address):
        raise EmailSignInError("the sender is not one mail address")
    return name, address


def _reason(answer: HttpResponse, secrets: tuple[str, ...]) -> str:
    """What the service said, for the log, without what only the recipient may know."""
    text = answer.body[:_MAX_REASON].decode("utf-8", "replace")
    with suppress(ValueError, RecursionError):  # no JSON: an error page of a proxy, perhaps
        # Written anew, so that nothing hides behind an escape sequence.
        text = json.dumps(json.loads(text), ensure_ascii=False)
    for secret in secrets:
        for form in (secret, quote(secret, safe=""), quote(secret)):
            text = re.sub(re.escape(form), "[...]", text, flags=re.IGNORECASE)
    return printable(_LIKE_AN_ADDRESS.sub("[...]", text)) or "no reason given"
