"""The authorization code flow, seen from the client.

RFC 6749 (framework), RFC 7009 (revocation), RFC 9126 (pushed requests), RFC 9207 (``iss`` in the
answer), RFC 9449 (DPoP), RFC 9700 (what went wrong before). The order of things::

    build_authorization_url -> browser -> validate_callback
        -> build_code_request -> process_token_response
        -> build_userinfo_request -> process_userinfo_response

Every ``build_*`` function that takes ``jti`` wants a fresh, unique one for each call, retries too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from authwire.errors import InvalidCheck, OAuthCallbackError, ProtocolError
from authwire.http import HttpRequest, HttpResponse
from authwire.protocol.answers import (
    describe_error,
    json_answer,
    printable,
    text,
)
from authwire.protocol.client_auth import Client
from authwire.protocol.discovery import ServerMetadata
from authwire.protocol.dpop import DPoPKey
from authwire.protocol.encoding import same_text
from authwire.protocol.endpoints import (
    Params,
    client_request,
    endpoint_of,
    pairs,
    proof_header,
    require_status,
)
from authwire.protocol.tokens import process_token_response
from authwire.protocol.urls import require_https

__all__ = [
    "SKIP_STATE",
    "SkipState",
    "ValidatedCallback",
    "build_authorization_url",
    "build_code_request",
    "build_par_request",
    "build_refresh_request",
    "build_revocation_request",
    "build_userinfo_request",
    "process_par_response",
    "process_revocation_response",
    "process_token_response",
    "process_userinfo_response",
    "validate_callback",
]


class SkipState(Enum):
    """The type of `SKIP_STATE`."""

    SKIP = "skip"


SKIP_STATE: Final[Literal[SkipState.SKIP]] = SkipState.SKIP
"""For `validate_callback`: no state was sent, another check ties the answer to the browser."""

_OK: Final = 200
_PAR_OK: Final = (200, 201)
_REVOKED: Final = (200, 204)
_HEADER_SAFE = re.compile(r"[\x21-\x7e]+\Z")
_SEAL: Final = object()


# --- the authorization request and its answer ---------------------------------------------------


def build_authorization_url(endpoint: str, params: Params) -> str:
    """Where to send the browser (RFC 6749 §4.1.1).

    The endpoint's own query is kept, except for what ``params`` names too.

    Raises:
        ProtocolError: if the endpoint is no https URL.
    """
    parts = urlsplit(require_https(endpoint, "the authorization endpoint"))
    ours = pairs(params)
    names = {name for name, _ in ours}
    own = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in names]
    return parts._replace(query=urlencode(own + ours)).geturl()


class ValidatedCallback:
    """An authorization answer that passed `validate_callback`; nothing else can make one."""

    __slots__ = ("code",)

    code: str
    """The authorization code: worth a session, so not for logs."""

    def __init__(self, code: str, *, seal: object = None) -> None:
        if seal is not _SEAL:
            raise TypeError("only validate_callback() makes a ValidatedCallback")
        self.code = code

    def __repr__(self) -> str:
        return "ValidatedCallback()"


def validate_callback(
    params: Mapping[str, str], *, server: ServerMetadata, expected_state: str | SkipState
) -> ValidatedCallback:
    """Judge what the browser brought back (RFC 6749 §4.1.2, RFC 9207).

    Who answered and to whom is settled first. Only then is an error believed or a code used, since
    both may be an attacker's.

    Args:
        params: the answer's parameters, from the query or a posted form.
        server: whom we asked.
        expected_state: what we sent as ``state``, or `SKIP_STATE`.

    Raises:
        InvalidCheck: if the state is missing or another.
        OAuthCallbackError: if the provider reports an error.
        ProtocolError: on a wrong or missing ``iss``, a missing code, or an answer of another flow.
    """
    if "response" in params:
        raise ProtocolError("the answer is a signed JARM response, which is not supported")
    issuer = params.get("iss")
    if issuer is None and server.authorization_response_iss_parameter_supported:
        raise ProtocolError("the answer lacks the iss that this provider always sends")
    if issuer is not None and not server.issuer:
        raise ProtocolError(
            f"the answer names its issuer, but the config has none · fix: issuer={printable(issuer)!r}"
        )
    if issuer is not None and not same_text(issuer, server.issuer):
        # A mix-up (RFC 9700 §4.4): the code belongs to a server other than the one we asked.
        raise ProtocolError(f"the answer is from another issuer: {printable(issuer)}")
    if not isinstance(expected_state, SkipState):
        state = params.get("state")
        if state is None:
            raise InvalidCheck("the answer has no state")
        if not same_text(state, expected_state):
            raise InvalidCheck("the answer has another state than the one we sent")
    if params.get("error"):
        description = describe_error(params["error"], params.get("error_description"))
        raise OAuthCallbackError(f"the provider answered with an error: {description}")
    if "id_token" in params or "token" in params:
        raise ProtocolError("the answer belongs to an implicit or hybrid flow")
    code = params.get("code")
    if not code:
        raise ProtocolError("the answer has no code")
    return ValidatedCallback(code, seal=_SEAL)


# --- the token endpoint -------------------------------------------------------------------------


def build_code_request(
    server: ServerMetadata,
    client: Client,
    *,
    callback: ValidatedCallback,
    redirect_uri: str,
    code_verifier: str | None,
    now: int,
    jti: str,
    dpop: DPoPKey | None = None,
    dpop_nonce: str | None = None,
    extra: Mapping[str, str] = {},
) -> HttpRequest:
    """Redeem the code (RFC 6749 §4.1.3, RFC 7636 §4.5).

    Args:
        server: whom the code is from.
        client: who we are.
        callback: what `validate_callback` found good.
        redirect_uri: the one of the authorization request.
        code_verifier: the PKCE verifier; None if no challenge was sent.
        now: unix time in seconds.
        jti: a fresh unique id.
        dpop: the key to bind the tokens to.
        dpop_nonce: what `wanted_nonce` found in the answer before.
        extra: more parameters; they cannot replace those of the standard.

    Raises:
        ProtocolError: if there is no token endpoint, or the client cannot authenticate.
    """
    params = {
        **extra,
        "grant_type": "authorization_code",
        "code": callback.code,
        "redirect_uri": redirect_uri,
    }
    if code_verifier is not None:
        params["code_verifier"] = code_verifier
    url = endpoint_of(server, "token_endpoint")
    headers = proof_header(dpop, method="POST", url=url, now=now, jti=jti, nonce=dpop_nonce)
    return client_request(server, client, url=url, params=params, now=now, jti=jti, headers=headers)


def build_refresh_request(
    server: ServerMetadata,
    client: Client,
    *,
    refresh_token: str,
    scope: str | None = None,
    now: int,
    jti: str,
    dpop: DPoPKey | None = None,
    dpop_nonce: str | None = None,
    extra: Mapping[str, str] = {},
) -> HttpRequest:
    """Get new tokens for a refresh token (RFC 6749 §6).

    ``scope`` asks for less than before; None asks for the same. For the other arguments see
    `build_code_request`.

    Raises:
        ProtocolError: if there is no token endpoint, or the client cannot authenticate.
    """
    params = {**extra, "grant_type": "refresh_token", "refresh_token": refresh_token}
    if scope is not None:
        params["scope"] = scope
    url = endpoint_of(server, "token_endpoint")
    headers = proof_header(dpop, method="POST", url=url, now=now, jti=jti, nonce=dpop_nonce)
    return client_request(server, client, url=url, params=params, now=now, jti=jti, headers=headers)


# --- revocation ---------------------------------------------------------------------------------


def build_revocation_request(
    server: ServerMetadata,
    client: Client,
    *,
    token: str,
    token_type_hint: str | None = None,
    now: int,
    jti: str,
) -> HttpRequest:
    """Make a token worthless (RFC 7009 §2.1).

    Raises:
        ProtocolError: if there is no revocation endpoint, or the client cannot authenticate.
    """
    params = {"token": token}
    if token_type_hint is not None:
        params["token_type_hint"] = token_type_hint
    url = endpoint_of(server, "revocation_endpoint")
    return client_request(server, client, url=url, params=params, now=now, jti=jti)


def process_revocation_response(response: HttpResponse) -> None:
    """Check that the token is gone; one that never existed is gone too (RFC 7009 §2.2).

    Raises:
        ProtocolError: if not.
    """
    require_status(response, _REVOKED, "the revocation endpoint")


# --- userinfo -----------------------------------------------------------------------------------


def build_userinfo_request(
    url: str,
    *,
    access_token: str,
    dpop: DPoPKey | None = None,
    dpop_nonce: str | None = None,
    now: int = 0,
    jti: str = "",
) -> HttpRequest:
    """Ask who the user is (OpenID Connect Core §5.3.1; RFC 6750 §2.1, RFC 9449 §7.1).

    ``now`` and ``jti`` are needed with ``dpop`` only.

    Raises:
        ProtocolError: if ``url`` is no https URL, or the token cannot stand in a header.
    """
    url = require_https(url, "the userinfo endpoint")
    if not _HEADER_SAFE.match(access_token):
        raise ProtocolError("the access token has characters that cannot be sent in a header")
    scheme = "Bearer" if dpop is None else "DPoP"
    proof = proof_header(
        dpop,
        method="GET",
        url=url,
        now=now,
        jti=jti,
        nonce=dpop_nonce,
        access_token=access_token,
    )
    headers = (
        ("accept", "application/json"),
        ("authorization", f"{scheme} {access_token}"),
        *proof,
    )
    return HttpRequest(method="GET", url=url, headers=headers)


def process_userinfo_response(
    response: HttpResponse, *, expected_sub: str | None
) -> dict[str, Any]:
    """The profile.

    Args:
        response: the answer.
        expected_sub: the ``sub`` of the ID token, which the profile's must equal (OpenID Connect
            Core §5.3.2). None without ID token: the profile then may have any shape.

    Raises:
        ProtocolError: on a status other than 200, if it is no JSON object, or of another user.
    """
    what = "the userinfo endpoint"
    require_status(response, (_OK,), what)
    profile = json_answer(response, what)
    if expected_sub is not None and not same_text(
        text(profile, "sub", f"{what}'s answer"), expected_sub
    ):
        raise ProtocolError(f"{what} answered for another user than the ID token")
    return profile


# --- pushed authorization requests --------------------------------------------------------------


def build_par_request(
    server: ServerMetadata,
    client: Client,
    *,
    params: Params,
    now: int,
    jti: str,
    dpop: DPoPKey | None = None,
    dpop_nonce: str | None = None,
) -> HttpRequest:
    """Hand the authorization request to the server directly (RFC 9126 §2.1).

    Raises:
        ProtocolError: if there is no endpoint for it, or the client cannot authenticate.
    """
    url = endpoint_of(server, "pushed_authorization_request_endpoint")
    headers = proof_header(dpop, method="POST", url=url, now=now, jti=jti, nonce=dpop_nonce)
    return client_request(server, client, url=url, params=params, now=now, jti=jti, headers=headers)


def process_par_response(response: HttpResponse) -> str:
    """The ``request_uri`` to send the browser with (RFC 9126 §2.2).

    Raises:
        ProtocolError: if there is none.
    """
    what = "the pushed authorization request endpoint"
    require_status(response, _PAR_OK, what)
    return text(json_answer(response, what), "request_uri", f"{what}'s answer")
