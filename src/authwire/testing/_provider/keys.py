"""The provider's keys and what it signs with them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, KeyParameters, RSAKey

from authwire.testing._provider.model import Faults

__all__ = ["ALGORITHMS", "Keys"]

Key: TypeAlias = RSAKey | ECKey
ALGORITHMS: Final = ("RS256", "ES256")


class Keys:
    """Key pairs, the newest last. The newest of its kind signs; all are published.

    Args:
        private: JWKs with their private parts, as `private_jwks` returns them; None makes new ones.
    """

    def __init__(self, private: Sequence[Mapping[str, Any]] | None = None) -> None:
        self._keys: list[Key] = [_import(jwk) for jwk in private or ()]

    def _ensure(self) -> None:
        # Not before somebody asks: an RSA key takes a while.
        for alg in ALGORITHMS:
            if not any(key.alg == alg for key in self._keys):
                self._keys.append(_generate(alg))

    def rotate(self, *, keep_old: bool) -> None:
        """New keys sign from now on; old ones stay published if ``keep_old``."""
        self._ensure()
        if not keep_old:
            self._keys.clear()
        self._keys += [_generate(alg) for alg in ALGORITHMS]

    def public_jwks(self) -> dict[str, Any]:
        """The key set as it is published (RFC 7517 §5)."""
        self._ensure()
        return {"keys": [key.as_dict(private=False) for key in self._keys]}

    def private_jwks(self) -> list[dict[str, Any]]:
        """The keys with all their parts. Secret."""
        self._ensure()
        return [dict(key.as_dict(private=True)) for key in self._keys]

    def sign(self, claims: Mapping[str, Any], alg: str, faults: Faults | None = None) -> str:
        """A JWT (RFC 7519) of ``claims``, with the faults asked for."""
        self._ensure()
        key = next(key for key in reversed(self._keys) if key.alg == alg)
        header: dict[str, Any] = {"alg": alg, "kid": key.kid, "typ": "JWT"}
        if faults is None:
            return jwt.encode(header, dict(claims), key, algorithms=[alg])
        if faults.id_token_foreign_key:
            key = _generate(alg)
        header.update(faults.id_token_header)
        if faults.id_token_alg == "none":
            return f"{_b64({**header, 'alg': 'none'})}.{_b64(claims)}."
        if faults.id_token_alg == "HS256":
            # By hand: joserfc refuses, as it should, to take a public key for a secret.
            signed = f"{_b64({**header, 'alg': 'HS256'})}.{_b64(claims)}"
            mac = hmac.digest(self._public_pem(), signed.encode(), "sha256")
            return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        signed = jwt.encode(header, dict(claims), key, algorithms=[alg])
        return _spoilt(signed) if faults.id_token_bad_signature else signed

    def read(self, token: str) -> dict[str, Any] | None:
        """The claims of a token that we signed, expired or not; None for any other."""
        self._ensure()
        for key in self._keys:
            try:
                return dict(jwt.decode(token, key, algorithms=list(ALGORITHMS)).claims)
            except (JoseError, ValueError):
                continue
        return None

    def _public_pem(self) -> bytes:
        key = next(key for key in reversed(self._keys) if key.alg == "RS256")
        return key.as_pem(private=False)


def at_hash(access_token: str) -> str:
    """OpenID Connect Core §3.1.3.6, for algorithms that hash with SHA-256."""
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()


def _generate(alg: str) -> Key:
    parameters: KeyParameters = {"alg": alg, "use": "sig"}
    key: Key
    if alg == "RS256":
        key = RSAKey.generate_key(2048, parameters, auto_kid=True)
    else:
        key = ECKey.generate_key("P-256", parameters, auto_kid=True)
    return key


def _import(jwk: Mapping[str, Any]) -> Key:
    key = JWKRegistry.import_key(dict(jwk))
    if not isinstance(key, RSAKey | ECKey) or key.alg not in ALGORITHMS:
        raise ValueError("the provider's keys are for RS256 and ES256")
    return key


def _b64(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _spoilt(token: str) -> str:
    """``token`` with one bit of its signature turned over."""
    head, _, tail = token.rpartition(".")
    signature = bytearray(base64.urlsafe_b64decode(tail + "=" * (-len(tail) % 4)))
    signature[0] ^= 1
    return f"{head}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
