"""Requests to a server's endpoints in which the client authenticates, and the status of answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, TypeAlias
from urllib.parse import urlencode

from authwire.errors import ProtocolError
from authwire.http import HttpRequest, HttpResponse
from authwire.protocol.answers import describe_error, error_answer, printable
from authwire.protocol.client_auth import Client, authenticate
from authwire.protocol.discovery import ServerMetadata
from authwire.protocol.dpop import DPoPKey
from authwire.protocol.urls import require_https

__all__ = [
    "Params",
    "client_request",
    "endpoint_of",
    "pairs",
    "proof_header",
    "require_status",
]

Params: TypeAlias = Sequence[tuple[str, str]] | Mapping[str, str]
"""Parameters of a request; a sequence may repeat a name."""

_FORM_HEADERS: Final = (
    ("accept", "application/json"),
    ("content-type", "application/x-www-form-urlencoded;charset=UTF-8"),
)


def pairs(params: Params) -> list[tuple[str, str]]:
    """The parameters in order."""
    return list(params.items() if isinstance(params, Mapping) else params)


def endpoint_of(
    server: ServerMetadata,
    name: Literal["token_endpoint", "revocation_endpoint", "pushed_authorization_request_endpoint"],
) -> str:
    """The URL of an endpoint.

    Raises:
        ProtocolError: if the server has none, or it is no https URL.
    """
    url: str | None = getattr(server, name)
    if url is None:
        raise ProtocolError(f"the provider has no {name}")
    return require_https(url, f"the {name}")


def proof_header(
    dpop: DPoPKey | None,
    *,
    method: str,
    url: str,
    now: int,
    jti: str,
    nonce: str | None,
    access_token: str | None = None,
) -> list[tuple[str, str]]:
    """The DPoP header field (RFC 9449 §4.1), if there is a key to prove."""
    if dpop is None:
        return []
    proof = dpop.proof(
        method=method, url=url, now=now, jti=jti, nonce=nonce, access_token=access_token
    )
    return [("dpop", proof)]


def client_request(
    server: ServerMetadata,
    client: Client,
    *,
    url: str,
    params: Params,
    now: int,
    jti: str,
    headers: Iterable[tuple[str, str]] = (),
) -> HttpRequest:
    """A form POST in which the client authenticates.

    Raises:
        ProtocolError: if the client cannot.
    """
    # Auth.js names issuer and token endpoint, whichever endpoint the assertion goes to.
    audience = [name for name in (server.issuer, server.token_endpoint) if name]
    # A server may remember the ids of proofs and assertions in one place: make them differ.
    auth_headers, auth_params = authenticate(
        client, audience=audience, now=now, jti=f"{jti}.assertion"
    )
    body = [pair for pair in pairs(params) if pair[0] not in auth_params]
    body.extend(auth_params.items())
    return HttpRequest(
        method="POST",
        url=url,
        headers=(*_FORM_HEADERS, *auth_headers, *headers),
        body=urlencode(body, errors="replace").encode("ascii"),
    )


def require_status(response: HttpResponse, good: Sequence[int], what: str) -> None:
    """Check the status.

    Raises:
        ProtocolError: on another one, with the provider's reason if it gives one.
    """
    if response.status in good:
        return
    error = error_answer(response)
    reason = ""
    if error is not None:
        reason = f" ({describe_error(error['error'], error.get('error_description'))})"
    elif challenge := response.headers.get("www-authenticate"):
        reason = f" ({printable(challenge)})"
    raise ProtocolError(f"{what} answered with status {response.status}{reason}")
