"""What a provider publishes about itself: endpoints, abilities, keys.

OpenID Connect Discovery 1.0, RFC 8414 (OAuth server metadata), RFC 7517 §5 (key sets).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from authwire.errors import ProtocolError
from authwire.http import HttpRequest, HttpResponse
from authwire.protocol.answers import json_answer, printable, text
from authwire.protocol.keys import KeySet
from authwire.protocol.urls import require_https

__all__ = [
    "KeySet",
    "ServerMetadata",
    "build_discovery_request",
    "build_jwks_request",
    "process_discovery_response",
    "process_jwks_response",
]

_OK: Final = 200
_ACCEPT_JSON: Final = (("accept", "application/json"),)
_ENDPOINTS: Final = (
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "revocation_endpoint",
    "end_session_endpoint",
    "introspection_endpoint",
    "pushed_authorization_request_endpoint",
)
_FLAGS: Final = (
    "require_pushed_authorization_requests",
    "authorization_response_iss_parameter_supported",
)
_LISTS: Final = (
    "code_challenge_methods_supported",
    "id_token_signing_alg_values_supported",
    "token_endpoint_auth_methods_supported",
    "dpop_signing_alg_values_supported",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerMetadata:
    """An authorization server, as it describes itself or as the configuration does."""

    issuer: str
    authorization_endpoint: str | None = None
    token_endpoint: str | None = None
    userinfo_endpoint: str | None = None
    jwks_uri: str | None = None
    revocation_endpoint: str | None = None
    end_session_endpoint: str | None = None
    introspection_endpoint: str | None = None
    pushed_authorization_request_endpoint: str | None = None
    require_pushed_authorization_requests: bool = False
    authorization_response_iss_parameter_supported: bool = False
    code_challenge_methods_supported: tuple[str, ...] | None = None
    id_token_signing_alg_values_supported: tuple[str, ...] | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] | None = None
    dpop_signing_alg_values_supported: tuple[str, ...] | None = None


def build_discovery_request(
    issuer: str, *, kind: Literal["oidc", "oauth2"] = "oidc"
) -> HttpRequest:
    """Ask for the metadata of ``issuer``.

    ``oidc`` appends the well-known path (OpenID Connect Discovery §4), ``oauth2`` puts it before
    the issuer's own path (RFC 8414 §3).

    Raises:
        ProtocolError: if the issuer is no https URL.
    """
    parts = urlsplit(require_https(issuer, "the issuer"))
    path = parts.path.rstrip("/")
    if kind == "oidc":
        path = f"{path}/.well-known/openid-configuration"
    else:
        path = f"/.well-known/oauth-authorization-server{path}"
    return HttpRequest(method="GET", url=parts._replace(path=path).geturl(), headers=_ACCEPT_JSON)


def process_discovery_response(
    issuer: str, response: HttpResponse, *, tenant_template: bool = False
) -> ServerMetadata:
    """The metadata, if it is that of ``issuer``.

    Args:
        issuer: the configured one. The document's must be the same, character by character
            (OpenID Connect Discovery §4.3, RFC 8414 §3.3): one that could speak for another issuer
            could take over its users.
        response: the answer to `build_discovery_request`.
        tenant_template: also accept an issuer with ``{tenantid}`` in place of one path segment, as
            the shared endpoints of Microsoft Entra ID name theirs. The result then has ``issuer``;
            the ID token's own is to be compared with what its tenant claim says.

    Raises:
        ProtocolError: on another issuer, a status other than 200, or a field of a wrong type.
    """
    what = "the discovery document"
    if response.status != _OK:
        raise ProtocolError(f"{what} was answered with status {response.status}")
    body = json_answer(response, what)
    named = text(body, "issuer", what)
    if named != issuer and not (tenant_template and _is_template_of(named, issuer)):
        raise ProtocolError(
            f"{what} is for the issuer {printable(named)}, not for {printable(issuer)};"
            " the configured issuer must be spelled exactly like that"
        )
    values: dict[str, Any] = {name: _endpoint(body, name) for name in _ENDPOINTS}
    values.update((name, _flag(body, name)) for name in _FLAGS)
    values.update((name, _names(body, name)) for name in _LISTS)
    return ServerMetadata(issuer=issuer, **values)


def build_jwks_request(jwks_uri: str) -> HttpRequest:
    """Ask for the provider's keys.

    Raises:
        ProtocolError: if it is no https URL.
    """
    url = require_https(jwks_uri, "jwks_uri")
    headers = (("accept", "application/json, application/jwk-set+json"),)
    return HttpRequest(method="GET", url=url, headers=headers)


def process_jwks_response(response: HttpResponse) -> KeySet:
    """The usable public keys (there may be none); all others are dropped.

    Raises:
        ProtocolError: on a status other than 200, or if it is no key set.
    """
    what = "the key set"
    if response.status != _OK:
        raise ProtocolError(f"{what} was answered with status {response.status}")
    keys = json_answer(response, what).get("keys")
    if not isinstance(keys, list):
        raise ProtocolError(f"{what} has no list of keys")
    return KeySet.from_jwks(keys)


def _is_template_of(named: str, issuer: str) -> bool:
    ours, theirs = issuer.split("/"), named.split("/")
    differing = [pair for pair in zip(theirs, ours, strict=False) if pair[0] != pair[1]]
    return len(ours) == len(theirs) and [pair[0] for pair in differing] == ["{tenantid}"]


def _endpoint(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ProtocolError(f"the discovery document's {name} is no text")
    return require_https(value, f"the discovery document's {name}")


def _flag(body: dict[str, Any], name: str) -> bool:
    value = body.get(name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise ProtocolError(f"the discovery document's {name} is neither true nor false")
    return value


def _names(body: dict[str, Any], name: str) -> tuple[str, ...] | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ProtocolError(f"the discovery document's {name} is no list of names")
    return tuple(value)
