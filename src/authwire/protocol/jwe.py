"""Encrypted tokens as Auth.js makes them: JWE compact, ``dir`` with ``A256CBC-HS512`` (RFC 7516).

Keys come from HKDF-SHA256 (RFC 5869) over a secret and a salt, usually the name of the cookie that
holds the token, so a token made for one cookie is worthless in another. ``A256GCM`` is read but never
made. Nothing else is understood, on purpose: every further algorithm is a further way to be fooled.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hmac import compare_digest
from math import isfinite
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from authwire.protocol.aes_cbc import AESCBC, BLOCK_BYTES
from authwire.protocol.encoding import b64u_decode, b64u_encode, json_object, json_text

__all__ = ["MAX_TOKEN_LENGTH", "InvalidToken", "decode", "encode"]

MAX_TOKEN_LENGTH: Final = 64 * 1024
"""Longer tokens are refused unread."""

_CBC: Final = "A256CBC-HS512"
_GCM: Final = "A256GCM"
_KEY_BYTES: Final = {_CBC: 64, _GCM: 32}
_THUMBPRINT: Final = {_CBC: hashlib.sha512, _GCM: hashlib.sha256}
# Anything beyond these (zip, crit, jwk, p2c, …) asks for behaviour that we don't have.
_HEADER_KEYS: Final = frozenset({"alg", "enc", "kid", "typ", "cty"})
_TIMES_AND_ID: Final = ("iat", "exp", "jti")
_GCM_IV_BYTES: Final = 12
_GCM_TAG_BYTES: Final = 16


class InvalidToken(ValueError):
    """The token is not ours, was altered, is expired, or is no token at all. It never says which."""

    def __init__(self) -> None:
        super().__init__("the token is not valid")


@dataclass(frozen=True, slots=True)
class _Key:
    kid: str
    header: bytes
    """The protected header that we write with this key, encoded."""
    key: bytes = field(repr=False)
    mac: HMAC = field(repr=False)
    """Keyed with the half that authenticates, to be copied; unused with A256GCM."""
    cbc: AESCBC = field(repr=False)
    """Keyed with the half that encrypts; unused with A256GCM."""


def encode(
    claims: Mapping[str, Any],
    *,
    secrets: Sequence[str],
    salt: str,
    max_age: int,
    now: int,
    jti: str,
) -> str:
    """Seal ``claims`` with the first secret.

    Args:
        claims: anything JSON can express; ``iat``, ``exp`` and ``jti`` among them are overwritten.
        secrets: newest first.
        salt: what the token is for, usually the cookie's name.
        max_age: seconds until it expires.
        now: unix time in seconds.
        jti: a unique id for this token.

    Raises:
        TypeError: if a claim is nothing that JSON can express.
        ValueError: if a claim is NaN or infinite.
    """
    payload = dict(claims)
    for name in _TIMES_AND_ID:  # ours stand at the end, as Auth.js puts them
        payload.pop(name, None)
    payload["iat"], payload["exp"], payload["jti"] = now, now + max_age, jti
    key = _derive(secrets[0], salt, _CBC)
    plaintext = json_text(payload)
    padding = BLOCK_BYTES - len(plaintext) % BLOCK_BYTES
    iv, ciphertext = key.cbc.encrypt(plaintext + bytes((padding,)) * padding)
    tag = _cbc_tag(key, key.header, iv, ciphertext)
    parts = (key.header, b"", b64u_encode(iv), b64u_encode(ciphertext), b64u_encode(tag))
    return b".".join(parts).decode("ascii")


def decode(
    token: str,
    *,
    secrets: Sequence[str],
    salt: str,
    now: float,
    tolerance: int = 15,
) -> dict[str, Any]:
    """Open a token and check its times.

    A token with a ``kid`` is opened with the secret that the id belongs to; one without only with
    the first secret.

    Args:
        token: as it came, unchecked.
        secrets: newest first.
        salt: what the token must have been made for.
        now: unix time in seconds.
        tolerance: seconds by which clocks may differ.

    Raises:
        InvalidToken: whatever the reason.
    """
    try:
        claims = json_object(_open(token, secrets, salt))
    except (ValueError, InvalidTag):
        raise InvalidToken from None
    issued, begins, ends = claims.get("iat", now), claims.get("nbf", now), claims.get("exp", now)
    if not (_is_time(issued) and _is_time(begins) and _is_time(ends)):
        raise InvalidToken
    if ends <= now - tolerance or begins > now + tolerance:
        raise InvalidToken
    return claims


def _is_time(value: Any) -> bool:
    return type(value) is int or (type(value) is float and isfinite(value))


def _open(token: str, secrets: Sequence[str], salt: str) -> bytes:
    if len(token) > MAX_TOKEN_LENGTH:
        raise ValueError("too long")
    header, encrypted_key, iv, ciphertext, tag = token.encode("ascii").split(b".")
    if encrypted_key:
        raise ValueError("alg dir has no encrypted key")
    enc, key = _find_key(header, secrets, salt)
    parts = header, b64u_decode(iv), b64u_decode(ciphertext), b64u_decode(tag)
    return _open_cbc(key, *parts) if enc == _CBC else _open_gcm(key, *parts)


def _find_key(header: bytes, secrets: Sequence[str], salt: str) -> tuple[str, _Key]:
    """The key that the header names; most tokens bear the very header that we write."""
    for secret in secrets:
        key = _derive(secret, salt, _CBC)
        if header == key.header:
            return _CBC, key
    fields = json_object(b64u_decode(header))
    enc = fields.get("enc")
    if not _HEADER_KEYS.issuperset(fields) or fields.get("alg") != "dir":
        raise ValueError("unsupported header")
    if not isinstance(enc, str) or enc not in _KEY_BYTES:
        raise ValueError("unsupported encryption")
    if "kid" not in fields:
        return enc, _derive(secrets[0], salt, enc)
    for secret in secrets:
        key = _derive(secret, salt, enc)
        if fields["kid"] == key.kid:
            return enc, key
    raise ValueError("unknown key")


def _open_cbc(key: _Key, header: bytes, iv: bytes, ciphertext: bytes, tag: bytes) -> bytes:
    """Authenticate, then decrypt (RFC 7518 §5.2.2.2)."""
    if not compare_digest(tag, _cbc_tag(key, header, iv, ciphertext)):
        raise ValueError("wrong tag")
    padded = key.cbc.decrypt(iv, ciphertext)
    padding = padded[-1] if padded else 0
    if not 1 <= padding <= BLOCK_BYTES or padded[-padding:] != bytes((padding,)) * padding:
        raise ValueError("wrong padding")
    return padded[:-padding]


def _open_gcm(key: _Key, header: bytes, iv: bytes, ciphertext: bytes, tag: bytes) -> bytes:
    if len(iv) != _GCM_IV_BYTES or len(tag) != _GCM_TAG_BYTES:
        raise ValueError("wrong length")
    return AESGCM(key.key).decrypt(iv, ciphertext + tag, header)


def _cbc_tag(key: _Key, header: bytes, iv: bytes, ciphertext: bytes) -> bytes:
    """RFC 7518 §5.2.2.1: the first half of the key authenticates; the tag is cut in half."""
    mac = key.mac.copy()
    mac.update(header + iv + ciphertext + (len(header) * 8).to_bytes(8, "big"))
    return mac.finalize()[:32]


@lru_cache(maxsize=128)
def _derive(secret: str, salt: str, enc: str) -> _Key:
    """The key for one purpose, and its RFC 7638 thumbprint as key id, as Auth.js derives them."""
    info = f"Auth.js Generated Encryption Key ({salt})".encode()
    hkdf = HKDF(algorithm=SHA256(), length=_KEY_BYTES[enc], salt=salt.encode(), info=info)
    key = hkdf.derive(secret.encode())
    jwk = b'{"k":"' + b64u_encode(key) + b'","kty":"oct"}'
    kid = b64u_encode(_THUMBPRINT[enc](jwk).digest()).decode()
    header = b64u_encode(json_text({"alg": "dir", "enc": enc, "kid": kid}))
    return _Key(kid, header, key, HMAC(key[:32], SHA512()), AESCBC(key[-32:]))
