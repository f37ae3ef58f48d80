"""Text encrypted at rest: AES-256-GCM with a key id, so that keys can be rotated.

``aw1.<key id>.<nonce, ciphertext and tag>``, both in base64url. Keys come from HKDF-SHA256 (RFC 5869)
over a secret. What the text belongs to is authenticated with it, so a sealed text that is moved to
another row does not open there.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from authwire.protocol.encoding import b64u_decode, b64u_encode

__all__ = ["SealBroken", "UnknownKey", "is_sealed", "seal", "sealed_with", "unseal"]

_PREFIX: Final = "aw1."
_INFO: Final = b"Authwire Text Encrypted At Rest"
_NONCE_BYTES: Final = 12
_KEY_ID_BYTES: Final = 6


class UnknownKey(ValueError):
    """The text was sealed with a secret that is not among the given ones."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"the key {key_id} is not among the secrets")
        self.key_id = key_id


class SealBroken(ValueError):
    """The text was altered, cut short, or moved here from somewhere else."""

    def __init__(self) -> None:
        super().__init__("the sealed text was altered or moved")


def is_sealed(text: str) -> bool:
    """Whether ``text`` looks like one of ours. Tokens of providers don't start like that."""
    return text.startswith(_PREFIX) and text.count(".") == 2


def seal(text: str, *, secrets: Sequence[str], context: str) -> str:
    """Encrypt with the first secret.

    Args:
        text: what must stay secret.
        secrets: newest first.
        context: what the text belongs to; the same is needed to open it.
    """
    key_id, aes = _derive(secrets[0])
    nonce = os.urandom(_NONCE_BYTES)
    body = nonce + aes.encrypt(nonce, text.encode(), _bound(key_id, context))
    return f"{_PREFIX}{key_id}.{b64u_encode(body).decode()}"


def unseal(sealed: str, *, secrets: Sequence[str], context: str) -> str:
    """The text that was sealed.

    Raises:
        UnknownKey: if none of the secrets sealed it.
        SealBroken: if it is not what was sealed for ``context``.
    """
    if not is_sealed(sealed):
        raise SealBroken
    _, key_id, body = sealed.split(".")
    aes = next((aes for known, aes in map(_derive, secrets) if known == key_id), None)
    if aes is None:
        raise UnknownKey(key_id)
    try:
        data = b64u_decode(body.encode())
        nonce, ciphertext = data[:_NONCE_BYTES], data[_NONCE_BYTES:]
        return aes.decrypt(nonce, ciphertext, _bound(key_id, context)).decode()
    except (ValueError, InvalidTag):
        raise SealBroken from None


def sealed_with(sealed: str, secret: str) -> bool:
    """Whether ``secret`` is the one that sealed it."""
    return sealed.split(".")[1] == _derive(secret)[0]


def _bound(key_id: str, context: str) -> bytes:
    return f"{_PREFIX}{key_id}.{context}".encode()


@lru_cache(maxsize=64)
def _derive(secret: str) -> tuple[str, AESGCM]:
    """The key's id, and the key."""
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_INFO).derive(secret.encode())
    key_id = b64u_encode(sha256(_INFO + key).digest()[:_KEY_ID_BYTES]).decode()
    return key_id, AESGCM(key)
