"""Keys for signatures: a provider's public ones (RFC 7517) and a client's private one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm

from authwire.errors import ProtocolError
from authwire.protocol.encoding import b64u_decode

# joserfc and the asymmetric half of cryptography are loaded when the first key is: `import authwire`
# would take a third longer, and apps without OpenID never need them.
if TYPE_CHECKING:
    from joserfc.jwk import ECKey, OKPKey, RSAKey

__all__ = [
    "ALGORITHMS",
    "AsymmetricKey",
    "KeySet",
    "SigningKey",
    "VerifyingKey",
    "load_signing_key",
]

AsymmetricKey: TypeAlias = "RSAKey | ECKey | OKPKey"

ALGORITHMS: Final[Mapping[str, tuple[str, str]]] = {
    "RS256": ("RSA", "sha256"),
    "RS384": ("RSA", "sha384"),
    "RS512": ("RSA", "sha512"),
    "PS256": ("RSA", "sha256"),
    "PS384": ("RSA", "sha384"),
    "PS512": ("RSA", "sha512"),
    "ES256": ("P-256", "sha256"),
    "ES384": ("P-384", "sha384"),
    "ES512": ("P-521", "sha512"),
    "EdDSA": ("Ed25519", "sha512"),
    "Ed25519": ("Ed25519", "sha512"),
}
"""The signatures that we know: the one family of keys each may be used with, and its hash."""

_DEFAULT_ALGORITHM: Final = {
    "RSA": "RS256",
    "P-256": "ES256",
    "P-384": "ES384",
    "P-521": "ES512",
    "Ed25519": "EdDSA",
}
_PUBLIC_FIELDS: Final = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
_MAX_KEYS: Final = 64
_RSA_BITS: Final = range(2048, 8193)
_MAX_EXPONENT_BITS: Final = 64


def _unusable() -> tuple[type[Exception], ...]:
    """What joserfc and cryptography raise over a key that is none."""
    from joserfc.errors import JoseError

    return (JoseError, ValueError, TypeError, KeyError, UnsupportedAlgorithm)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyingKey:
    """A public key and what its owner says about it."""

    key: AsymmetricKey = field(repr=False)
    family: str
    """``RSA``, or the curve."""
    kid: str | None = None
    alg: str | None = None


@dataclass(frozen=True, slots=True)
class KeySet:
    """The public keys of a provider that can verify signatures."""

    keys: tuple[VerifyingKey, ...] = ()

    @classmethod
    def from_jwks(cls, jwks: Iterable[object]) -> KeySet:
        """Take what is usable and drop the rest: symmetric, weak, foreign, broken (RFC 7517 §5)."""
        usable = (key for jwk in jwks if (key := _import_public(jwk)) is not None)
        return cls(tuple(key for key, _ in zip(usable, range(_MAX_KEYS), strict=False)))

    def candidates(self, alg: str, kid: str | None) -> Iterator[VerifyingKey]:
        """The keys that may have made a signature of this algorithm and key id.

        Without a key id, all that fit the algorithm.
        """
        family, _ = ALGORITHMS[alg]
        for key in self.keys:
            if key.family == family and key.alg in (None, alg) and kid in (None, key.kid):
                yield key


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key of ours and the algorithm it signs with."""

    key: AsymmetricKey = field(repr=False)
    alg: str
    kid: str | None = None


def load_signing_key(material: object) -> SigningKey:
    """A private key from a joserfc key, a JWK as mapping, or PEM (text or bytes, not encrypted).

    The algorithm follows the key: RS256, ES256/384/512 or EdDSA, unless a JWK's ``alg`` says
    otherwise.

    Raises:
        ProtocolError: if it is no private key that can sign. The message does not quote it.
    """
    try:
        key = _import_private(material)
        family = _family(key)
        key.check_use("sig")
        key.check_key_op("sign")
    except _unusable():
        raise ProtocolError("the client's private key cannot be read or used") from None
    alg = key.alg or _DEFAULT_ALGORITHM.get(family, "")
    if ALGORITHMS.get(alg, ("", ""))[0] != family:
        raise ProtocolError("the client's private key is none that can sign")
    return SigningKey(key=key, alg=alg, kid=key.kid)


def _import_private(material: object) -> AsymmetricKey:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from joserfc.jwk import ECKey, OKPKey, RSAKey

    if isinstance(material, RSAKey | ECKey | OKPKey):
        return material
    if isinstance(material, Mapping):
        return _import_jwk(dict(material))
    if isinstance(material, str):
        material = material.encode()
    if not isinstance(material, bytes):
        raise TypeError("neither key, JWK nor PEM")
    native = load_pem_private_key(material, password=None)
    if isinstance(native, RSAPrivateKey):
        if native.key_size not in _RSA_BITS:
            raise ValueError("RSA key of unfit size")
        return RSAKey.import_key(native)
    if isinstance(native, EllipticCurvePrivateKey):
        return ECKey.import_key(native)
    if isinstance(native, Ed25519PrivateKey):
        return OKPKey.import_key(native)
    raise TypeError("not a kind of key that we know")


def _import_public(jwk: object) -> VerifyingKey | None:
    """The public half of ``jwk``, or None if it cannot be used to verify signatures."""
    if not isinstance(jwk, dict):
        return None
    kid, alg = jwk.get("kid"), jwk.get("alg")
    named = all(value is None or isinstance(value, str) for value in (kid, alg))
    operations = jwk.get("key_ops", ["verify"])
    for_signatures = jwk.get("use", "sig") == "sig" and isinstance(operations, list)
    if not named or not for_signatures or "verify" not in operations:
        return None
    try:
        # Only what makes the key: a private part that was published by mistake, certificates and
        # URLs stay out.
        names = _PUBLIC_FIELDS[jwk["kty"]]
        key = _import_jwk({"kty": jwk["kty"], **{name: jwk[name] for name in names}})
        family = _family(key)
    except _unusable():
        return None
    if family not in _DEFAULT_ALGORITHM:
        return None
    return VerifyingKey(key=key, family=family, kid=kid, alg=alg)


def _import_jwk(jwk: dict[str, Any]) -> AsymmetricKey:
    # Short keys are weak, huge ones cost seconds: judged before a library works with them.
    if jwk.get("kty") == "RSA" and (
        _bits(jwk["n"]) not in _RSA_BITS or _bits(jwk["e"]) > _MAX_EXPONENT_BITS
    ):
        raise ValueError("RSA key of unfit size")
    from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

    key = JWKRegistry.import_key(jwk)
    if not isinstance(key, RSAKey | ECKey | OKPKey):
        raise TypeError("not an asymmetric key")
    return key


def _bits(number: Any) -> int:
    if not isinstance(number, str):
        raise TypeError("no base64url number")
    return int.from_bytes(b64u_decode(number.encode()), "big").bit_length()


def _family(key: AsymmetricKey) -> str:
    from joserfc.jwk import RSAKey

    if not isinstance(key, RSAKey):
        return key.curve_name
    if key.raw_value.key_size not in _RSA_BITS:
        raise ValueError("RSA key of unfit size")
    return "RSA"
