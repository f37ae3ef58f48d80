"""How a client proves to an endpoint that it is itself.

RFC 6749 §2.3 (secret), RFC 7523 and OpenID Connect Core §9 (signed assertion).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from authwire.errors import ProtocolError
from authwire.http import quote_component
from authwire.protocol.jws import sign, sign_hmac
from authwire.protocol.keys import load_signing_key

__all__ = ["Client", "ClientAuthMethod", "authenticate"]

ClientAuthMethod: TypeAlias = Literal[
    "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"
]

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Us, as the provider knows us."""

    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    token_endpoint_auth_method: ClientAuthMethod = "client_secret_basic"
    private_key: Any = field(default=None, repr=False)
    """For ``private_key_jwt``: a joserfc key, a JWK as mapping, or PEM text."""
    id_token_signed_response_alg: str | None = None
    """The one algorithm that ID tokens may be signed with."""


def authenticate(
    client: Client, *, audience: Sequence[str], now: int, jti: str
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Header fields and body parameters to add to a request.

    Args:
        client: who we are and the method to use.
        audience: whom an assertion is for: the issuer and the token endpoint, as Auth.js has it.
        now: unix time in seconds.
        jti: a unique id for an assertion.

    Raises:
        ProtocolError: if the secret or key that the method needs is missing or unusable.
    """
    client_id = client.client_id
    match str(client.token_endpoint_auth_method):
        case "client_secret_basic":
            pair = f"{_form_component(client_id)}:{_form_component(_secret(client))}"
            return [("authorization", f"Basic {b64encode(pair.encode()).decode()}")], {}
        case "client_secret_post":
            return [], {"client_id": client_id, "client_secret": _secret(client)}
        case "client_secret_jwt":
            claims = _assertion(client_id, audience, now, jti)
            return [], _assertion_params(client_id, sign_hmac(claims, _secret(client), "HS256"))
        case "private_key_jwt":
            claims = _assertion(client_id, audience, now, jti)
            key = load_signing_key(client.private_key)
            return [], _assertion_params(client_id, sign(claims, key))
        case "none":
            return [], {"client_id": client_id}
        case unknown:
            raise ProtocolError(f"unknown client authentication method: {unknown}")


def _secret(client: Client) -> str:
    if not client.client_secret:
        raise ProtocolError(f"{client.token_endpoint_auth_method} needs a client secret")
    return client.client_secret


def _form_component(value: str) -> str:
    """RFC 6749 §2.3.1 wants both parts form-encoded; the spelling is that of Auth.js."""
    return quote_component(value).replace("%20", "+")


def _assertion(client_id: str, audience: Sequence[str], now: int, jti: str) -> dict[str, Any]:
    """RFC 7523 §3. Short-lived, because who gets hold of it can be us."""
    return {
        "iss": client_id,
        "sub": client_id,
        "aud": list(audience),
        "jti": jti,
        "iat": now,
        "nbf": now,
        "exp": now + _ASSERTION_SECONDS,
    }


def _assertion_params(client_id: str, assertion: str) -> dict[str, str]:
    return {
        "client_id": client_id,
        "client_assertion_type": _ASSERTION_TYPE,
        "client_assertion": assertion,
    }
