"""Signed tokens in compact form (RFC 7515, RFC 7519): read, verify, make.

Reading proves nothing: only `verify` does, and it takes the algorithm from its caller, never from
the token alone.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from authwire.errors import ProtocolError
from authwire.protocol.encoding import b64u_decode, b64u_encode, json_object, json_text
from authwire.protocol.keys import AsymmetricKey, SigningKey

__all__ = [
    "HMAC_ALGORITHMS",
    "MAX_TOKEN_LENGTH",
    "SignedToken",
    "read",
    "sign",
    "sign_hmac",
    "verify",
]

MAX_TOKEN_LENGTH: Final = 64 * 1024
"""Longer tokens are refused unread."""

HMAC_ALGORITHMS: Final[Mapping[str, str]] = {
    "HS256": "sha256",
    "HS384": "sha384",
    "HS512": "sha512",
}
"""Algorithms with a shared secret, and their hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedToken:
    """A token that was taken apart and not verified yet."""

    alg: str
    kid: str | None
    header: Mapping[str, Any] = field(repr=False)
    claims: dict[str, Any] = field(repr=False)
    signing_input: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def read(token: str, what: str) -> SignedToken:
    """Take a token apart.

    Raises:
        ProtocolError: if it is too long, encrypted, no JWS, or names a ``crit`` extension (we have
            none, RFC 7515 §4.1.11).
    """
    if len(token) > MAX_TOKEN_LENGTH:
        raise ProtocolError(f"{what} is too long")
    try:
        parts = token.encode("ascii").split(b".")
        if len(parts) == 5:  # RFC 7516 §3.1
            raise ProtocolError(f"{what} is encrypted, which is not supported")
        head, body, tail = parts
        header = json_object(b64u_decode(head))
        claims = json_object(b64u_decode(body))
        signature = b64u_decode(tail)
    except ValueError:
        raise ProtocolError(f"{what} is no signed token") from None
    alg, kid = header.get("alg"), header.get("kid")
    if not isinstance(alg, str) or not (kid is None or isinstance(kid, str)):
        raise ProtocolError(f"{what} has a broken header")
    if "crit" in header:
        raise ProtocolError(f"{what} needs an extension that is not supported")
    return SignedToken(
        alg=alg,
        kid=kid,
        header=header,
        claims=claims,
        signing_input=head + b"." + body,
        signature=signature,
    )


def verify(token: SignedToken, alg: str, key: AsymmetricKey | bytes) -> bool:
    """Whether ``key`` made the signature with ``alg``; bytes are a shared secret for HMAC."""
    if isinstance(key, bytes):
        expected = hmac.digest(key, token.signing_input, HMAC_ALGORITHMS[alg])
        return hmac.compare_digest(token.signature, expected)
    from joserfc.errors import JoseError  # see keys.py
    from joserfc.jws import JWSRegistry

    try:
        return JWSRegistry.algorithms[alg].verify(token.signing_input, token.signature, key)
    except (JoseError, ValueError):
        return False


def sign(
    claims: Mapping[str, Any], key: SigningKey, header: Mapping[str, Any] | None = None
) -> str:
    """``claims`` signed with ``key``; its ``alg`` and ``kid`` go into the header."""
    from joserfc.jws import JWSRegistry

    fields = {**(header or {}), "alg": key.alg}
    if key.kid is not None:
        fields["kid"] = key.kid
    data = _signing_input(fields, claims)
    signature = JWSRegistry.algorithms[key.alg].sign(data, key.key)
    return (data + b"." + b64u_encode(signature)).decode("ascii")


def sign_hmac(claims: Mapping[str, Any], secret: str, alg: str) -> str:
    """``claims`` under a shared secret."""
    data = _signing_input({"alg": alg}, claims)
    signature = hmac.digest(secret.encode(), data, HMAC_ALGORITHMS[alg])
    return (data + b"." + b64u_encode(signature)).decode("ascii")


def _signing_input(header: Mapping[str, Any], claims: Mapping[str, Any]) -> bytes:
    return b64u_encode(json_text(header)) + b"." + b64u_encode(json_text(claims))
