"""Proof key for code exchange (RFC 7636), method S256 only."""

from __future__ import annotations

from hashlib import sha256

from authwire.protocol.encoding import b64u_encode

__all__ = ["challenge", "create_verifier"]

_MIN_ENTROPY, _MAX_ENTROPY = 32, 96


def create_verifier(entropy: bytes) -> str:
    """A code verifier (§4.1): 43 characters from the recommended 32 random bytes.

    Raises:
        ValueError: with less than 32 bytes, or with more than fit (96).
    """
    if not _MIN_ENTROPY <= len(entropy) <= _MAX_ENTROPY:
        raise ValueError("a code verifier is made from 32 to 96 random bytes")
    return b64u_encode(entropy).decode()


def challenge(verifier: str) -> str:
    """The S256 code challenge of ``verifier`` (§4.2)."""
    return b64u_encode(sha256(verifier.encode("ascii")).digest()).decode()
