"""ID tokens (OpenID Connect Core §2, §3.1.3.7): who signed in, said and signed by the provider.

The signature is always verified, also where the standard would let TLS do: a token may come another
way one day, and a check that runs only sometimes is the one that is missing when it counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from math import isfinite
from typing import Any

from authwire.errors import InvalidCheck, ProtocolError
from authwire.protocol.client_auth import Client
from authwire.protocol.encoding import b64u_encode, same_text
from authwire.protocol.jws import HMAC_ALGORITHMS, SignedToken, read, verify
from authwire.protocol.keys import ALGORITHMS, KeySet

__all__ = ["UnknownKey", "unverified_claims", "validate_id_token"]

_WHAT = "the ID token"
_HASHES: Mapping[str, str] = {
    **HMAC_ALGORITHMS,
    **{alg: name for alg, (_, name) in ALGORITHMS.items()},
}


class UnknownKey(ProtocolError):
    """No key of the set made this signature. The provider may have new keys: fetch them again."""


def validate_id_token(
    id_token: str,
    *,
    keys: KeySet,
    issuer: str,
    client: Client,
    nonce: str | None,
    now: int,
    server_algs: tuple[str, ...] | None,
    access_token: str | None,
    tolerance: int = 30,
    max_age: int | None = None,
) -> dict[str, Any]:
    """The claims of an ID token that is genuine, meant for us, current, and the one we asked for.

    Args:
        id_token: as the token endpoint sent it.
        keys: the provider's.
        issuer: what ``iss`` must be, character by character.
        client: ours; ``aud`` must name it. Its ``id_token_signed_response_alg``, if set, is the
            only algorithm accepted, and the only way to have one with a shared secret (HS256, …).
        nonce: what we sent; None if we sent none, then the token must not have one either.
        now: unix time in seconds.
        server_algs: ``id_token_signing_alg_values_supported`` of the metadata; None means RS256.
        access_token: what came with it; an ``at_hash`` must fit. None only where there is none.
        tolerance: seconds by which clocks may differ.
        max_age: seconds that may have passed since the user authenticated.

    Raises:
        UnknownKey: if no key of ``keys`` fits.
        InvalidCheck: if the nonce is missing, another, or not asked for.
        ProtocolError: if anything else is wrong. The message quotes nothing secret.
    """
    token = read(id_token, _WHAT)
    _check_type(token)
    _check_signature(token, keys, client, server_algs)
    claims = token.claims
    if claims.get("iss") != issuer:
        raise ProtocolError("the ID token is from another issuer")
    _check_audience(claims, client.client_id)
    _check_times(claims, now, tolerance, max_age)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise ProtocolError("the ID token has no sub, or it is no text")
    _check_nonce(claims, nonce)
    if access_token is not None:
        _check_at_hash(claims, token.alg, access_token)
    return claims


def unverified_claims(id_token: str) -> dict[str, Any]:
    """What an ID token claims, true or not.

    Only to find out which issuer to expect where that depends on a claim (multi-tenant issuers).
    Everything else comes from `validate_id_token`.

    Raises:
        ProtocolError: if it is no signed token.
    """
    return read(id_token, _WHAT).claims


def _check_type(token: SignedToken) -> None:
    # RFC 8725 §3.11: an access token (at+jwt) or logout token (logout+jwt) of the same issuer, for
    # the same audience, must not pass for an ID token. Those types all end alike.
    kind = token.header.get("typ")
    if kind is not None and (not isinstance(kind, str) or kind.lower().endswith("+jwt")):
        raise ProtocolError("the token is of another type than an ID token")


def _allowed_algorithms(client: Client, server_algs: tuple[str, ...] | None) -> tuple[str, ...]:
    if client.id_token_signed_response_alg is not None:
        chosen = (client.id_token_signed_response_alg,)
        return tuple(alg for alg in chosen if alg in _HASHES)
    if server_algs is None:
        return ("RS256",)
    return tuple(alg for alg in server_algs if alg in ALGORITHMS)


def _check_signature(
    token: SignedToken, keys: KeySet, client: Client, server_algs: tuple[str, ...] | None
) -> None:
    if token.alg not in _allowed_algorithms(client, server_algs):
        raise ProtocolError("the ID token is signed with an algorithm that is not allowed here")
    if token.alg in HMAC_ALGORITHMS:
        if not client.client_secret:
            raise ProtocolError("the ID token is signed with a client secret, and we have none")
        if not verify(token, token.alg, client.client_secret.encode()):
            raise ProtocolError("the ID token's signature is wrong")
        return
    candidates = list(keys.candidates(token.alg, token.kid))
    if any(verify(token, token.alg, candidate.key) for candidate in candidates):
        return
    if candidates and token.kid is not None:
        raise ProtocolError("the ID token's signature is wrong")
    raise UnknownKey("no key of the provider fits the ID token's signature")


def _check_audience(claims: dict[str, Any], client_id: str) -> None:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if client_id not in audiences:
        raise ProtocolError("the ID token is for another client")
    # OpenID Connect Core §3.1.3.7, 3-5: with more audiences it must say that it is for us to use.
    party = claims.get("azp")
    if party is None and len(audiences) > 1:
        raise ProtocolError("the ID token has several audiences and no azp")
    if party is not None and party != client_id:
        raise ProtocolError("the ID token was issued to another client")


def _check_times(claims: dict[str, Any], now: int, tolerance: int, max_age: int | None) -> None:
    if _time(claims, "exp") <= now - tolerance:
        raise ProtocolError("the ID token is expired")
    if _time(claims, "iat") > now + tolerance:
        raise ProtocolError("the ID token is from the future")
    if "nbf" in claims and _time(claims, "nbf") > now + tolerance:
        raise ProtocolError("the ID token is not valid yet")
    if max_age is not None and _time(claims, "auth_time") + max_age < now - tolerance:
        raise ProtocolError("the user authenticated too long ago")


def _time(claims: dict[str, Any], name: str) -> int | float:
    value: Any = claims.get(name)
    # bool is an int to isinstance, but no time.
    if type(value) is int or (type(value) is float and isfinite(value)):
        return value
    raise ProtocolError(f"the ID token has no {name}, or it is no time")


def _check_nonce(claims: dict[str, Any], expected: str | None) -> None:
    nonce = claims.get("nonce")
    if expected is None:
        if nonce is not None:
            raise InvalidCheck("the ID token has a nonce, and we sent none")
        return
    if not isinstance(nonce, str):
        raise InvalidCheck("the ID token has no nonce")
    if not same_text(nonce, expected):
        raise InvalidCheck("the ID token has another nonce than the one we sent")


def _check_at_hash(claims: dict[str, Any], alg: str, access_token: str) -> None:
    """OpenID Connect Core §3.1.3.6: half a hash, of the signature's size, of the access token."""
    given = claims.get("at_hash")
    if given is None:
        return
    digest = hashlib.new(_HASHES[alg], access_token.encode("utf-8", "surrogatepass")).digest()
    expected = b64u_encode(digest[: len(digest) // 2]).decode()
    if not isinstance(given, str) or not same_text(given, expected):
        raise ProtocolError("the ID token does not belong to this access token")
