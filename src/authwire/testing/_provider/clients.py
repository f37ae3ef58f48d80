"""How a client proves to the token endpoint that it is itself (RFC 6749 §2.3, RFC 7523)."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote_plus

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, OctKey

from authwire.http import Request
from authwire.testing._provider.answers import EndpointError
from authwire.testing._provider.model import FakeClient

__all__ = ["authenticate_client"]

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_CHALLENGE: Final = (("www-authenticate", 'Basic realm="token endpoint"'),)


def authenticate_client(
    request: Request,
    params: Mapping[str, str],
    *,
    clients: Mapping[str, FakeClient],
    audiences: tuple[str, ...],
    now: datetime,
    seen: set[str],
) -> FakeClient:
    """The client that sent ``request``, by the one method it is registered for.

    Raises:
        EndpointError: ``invalid_client``, or ``invalid_request`` for two methods at once.
    """
    header = request.headers.get("authorization")
    used = [
        method
        for method, present in (
            ("basic", header is not None),
            ("post", "client_secret" in params),
            ("jwt", "client_assertion" in params),
        )
        if present
    ]
    if len(used) > 1:
        raise EndpointError("invalid_request", "more than one way of client authentication")
    if header is not None:
        client_id, secret = _basic(header)
        client = _known(clients, client_id)
        if params.get("client_id", client_id) != client_id:
            raise EndpointError("invalid_request", "two different client ids")
        _expect(client, "client_secret_basic")
        _check_secret(client, secret)
        return client
    if "client_assertion" in params:
        return _by_assertion(params, clients, audiences, now, seen)
    client = _known(clients, params.get("client_id", ""))
    if "client_secret" in params:
        _expect(client, "client_secret_post")
        _check_secret(client, params["client_secret"])
    else:
        _expect(client, "none")
    return client


def _refused(description: str) -> EndpointError:
    return EndpointError("invalid_client", description, status=401, headers=_CHALLENGE)


def _known(clients: Mapping[str, FakeClient], client_id: str) -> FakeClient:
    client = clients.get(client_id)
    if client is None:
        raise _refused("there is no such client")
    return client


def _expect(client: FakeClient, method: str) -> None:
    if client.token_endpoint_auth_method != method:
        wanted = client.token_endpoint_auth_method
        raise _refused(f"this client is registered for {wanted}, not for {method}")


def _check_secret(client: FakeClient, secret: str) -> None:
    if not client.client_secret or not hmac.compare_digest(
        client.client_secret.encode(), secret.encode()
    ):
        raise _refused("the secret is wrong")


def _basic(header: str) -> tuple[str, str]:
    """RFC 6749 §2.3.1: both parts are form-encoded before they are joined."""
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() != "basic":
        raise _refused("not the scheme Basic")
    try:
        pair = base64.b64decode(credentials.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise _refused("not base64") from None
    client_id, colon, secret = pair.partition(":")
    if not colon:
        raise _refused("no colon between client id and secret")
    return unquote_plus(client_id), unquote_plus(secret)


def _by_assertion(
    params: Mapping[str, str],
    clients: Mapping[str, FakeClient],
    audiences: tuple[str, ...],
    now: datetime,
    seen: set[str],
) -> FakeClient:
    if params.get("client_assertion_type") != _ASSERTION_TYPE:
        raise _refused("not the assertion type of RFC 7523")
    client = _known(clients, params.get("client_id", ""))
    key, algorithms = _assertion_key(client)
    try:
        claims = jwt.decode(params["client_assertion"], key, algorithms=algorithms).claims
    except (JoseError, ValueError):
        raise _refused("the assertion's signature is wrong") from None
    _check_assertion(claims, client, audiences, int(now.timestamp()))
    identifier = f"{client.client_id} {claims['jti']}"
    if identifier in seen:
        raise _refused("the assertion was used before")
    seen.add(identifier)
    return client


def _assertion_key(client: FakeClient) -> tuple[Any, list[str]]:
    if client.token_endpoint_auth_method == "client_secret_jwt":
        return OctKey.import_key(client.client_secret or ""), ["HS256", "HS384", "HS512"]
    _expect(client, "private_key_jwt")
    key = JWKRegistry.import_key(dict(client.public_key or {}))
    return key, ["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]


def _check_assertion(
    claims: Mapping[str, Any], client: FakeClient, audiences: tuple[str, ...], now: int
) -> None:
    if claims.get("iss") != client.client_id or claims.get("sub") != client.client_id:
        raise _refused("the assertion is about another client")
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if not set(named) & set(audiences):
        raise _refused("the assertion is for somebody else")
    if not isinstance(claims.get("exp"), int) or claims["exp"] <= now:
        raise _refused("the assertion is expired")
    if not isinstance(claims.get("jti"), str):
        raise _refused("the assertion has no jti")
