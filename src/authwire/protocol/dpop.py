"""Tokens bound to a key (RFC 9449): each request carries a proof that we hold it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from authwire.errors import ProtocolError
from authwire.http import HttpResponse
from authwire.protocol.answers import error_answer
from authwire.protocol.encoding import b64u_encode
from authwire.protocol.jws import sign
from authwire.protocol.keys import SigningKey

if TYPE_CHECKING:
    from joserfc.jwk import ECKey  # see keys.py

__all__ = ["DPoPKey", "wanted_nonce"]

_CURVE: Final = "P-256"
_REFUSED: Final = (400, 401)
# §8.1: 1*NQCHAR. The length is ours: it becomes a header.
_NONCE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,1024}\Z")
_SCHEME = re.compile(r"\bdpop\b", re.IGNORECASE)
_NONCE_ERROR = re.compile(r"""\berror\s*=\s*"?use_dpop_nonce\b""", re.IGNORECASE)
_DEFAULT_PORT: Final = {"https": 443, "http": 80}


class DPoPKey:
    """A key pair for one sign-in (ES256). Its repr shows only the thumbprint."""

    __slots__ = ("_key", "_public", "_thumbprint")

    def __init__(self, key: ECKey) -> None:
        self._key = SigningKey(key=key, alg="ES256")
        public = key.as_dict(private=False)
        self._public = {name: str(public[name]) for name in ("kty", "crv", "x", "y")}
        self._thumbprint = key.thumbprint()

    @classmethod
    def generate(cls) -> DPoPKey:
        """A new key."""
        from joserfc.jwk import ECKey

        return cls(ECKey.generate_key(_CURVE))

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> DPoPKey:
        """The key that `to_jwk` gave.

        Raises:
            ProtocolError: if it is no private P-256 key.
        """
        from joserfc.errors import JoseError
        from joserfc.jwk import ECKey

        if (jwk.get("kty"), jwk.get("crv")) != ("EC", _CURVE):
            raise ProtocolError("the DPoP key is of another kind")
        try:
            key = ECKey.import_key({name: jwk[name] for name in ("kty", "crv", "x", "y", "d")})
        except (JoseError, KeyError, TypeError, ValueError):
            raise ProtocolError("the DPoP key cannot be read") from None
        return cls(key)

    def to_jwk(self) -> dict[str, str]:
        """The private key as JWK, to be sealed before it leaves the server."""
        private = self._key.key.as_dict(private=True)
        return {name: str(private[name]) for name in ("kty", "crv", "x", "y", "d")}

    @property
    def thumbprint(self) -> str:
        """The public key's RFC 7638 thumbprint with SHA-256: ``dpop_jkt`` (§10)."""
        return self._thumbprint

    def proof(
        self,
        *,
        method: str,
        url: str,
        now: int,
        jti: str,
        nonce: str | None = None,
        access_token: str | None = None,
    ) -> str:
        """The value of the ``DPoP`` header field for one request (§4.2).

        Args:
            method: of the request.
            url: of the request; query and fragment are left out.
            now: unix time in seconds.
            jti: a unique id for this proof.
            nonce: what the server asked for, see `wanted_nonce`.
            access_token: the token that the request carries, if any.
        """
        claims: dict[str, Any] = {"jti": jti, "htm": method, "htu": _htu(url), "iat": now}
        if nonce is not None:
            claims["nonce"] = nonce
        if access_token is not None:
            digest = sha256(access_token.encode("utf-8", "surrogatepass")).digest()
            claims["ath"] = b64u_encode(digest).decode()
        return sign(claims, self._key, {"typ": "dpop+jwt", "jwk": self._public})

    def __repr__(self) -> str:
        return f"DPoPKey(thumbprint={self._thumbprint!r})"


def wanted_nonce(response: HttpResponse) -> str | None:
    """The nonce to repeat the request with, if that is why it was refused (§8, §9)."""
    nonce = response.headers.get("dpop-nonce")
    if response.status not in _REFUSED or nonce is None or not _NONCE.match(nonce):
        return None
    body = error_answer(response)
    if body is not None and body["error"] == "use_dpop_nonce":
        return nonce
    challenges = response.headers.get_all("www-authenticate")
    return nonce if any(_asks_for_nonce(challenge) for challenge in challenges) else None


def _asks_for_nonce(challenge: str) -> bool:
    # Two searches, not one pattern: that would take quadratic time on a hostile header.
    scheme = _SCHEME.search(challenge)
    return scheme is not None and _NONCE_ERROR.search(challenge, scheme.end()) is not None


def _htu(url: str) -> str:
    """§4.3: compared after normalisation; we send the normal form (RFC 3986 §6.2.2, §6.2.3)."""
    parts = urlsplit(url)
    host = parts.netloc.lower().removesuffix(f":{_DEFAULT_PORT.get(parts.scheme)}")
    return f"{parts.scheme}://{host}{parts.path or '/'}"
