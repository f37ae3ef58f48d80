from __future__ import annotations

import copy
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, OKPKey

from authwire.errors import ProtocolError
from authwire.protocol import jws
from authwire.protocol.encoding import b64u_encode
from authwire.protocol.keys import AsymmetricKey, KeySet, load_signing_key

FAMILIES = ["RSA", "P-256", "P-384", "P-521", "Ed25519"]
PrivateKeys = dict[str, AsymmetricKey]


def jwk_of(key: AsymmetricKey, **extra: Any) -> dict[str, Any]:
    return {**key.as_dict(private=False), **extra}


# --- public keys ---------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_a_public_key_of_each_family_is_taken(private_keys: PrivateKeys, family: str) -> None:
    jwk = jwk_of(private_keys[family], kid="k", use="sig", key_ops=["verify"])
    (key,) = KeySet.from_jwks([jwk]).keys
    assert (key.family, key.kid, key.alg) == (family, "k", None)


def test_a_private_part_published_by_mistake_is_left_out(private_keys: PrivateKeys) -> None:
    jwks = [key.as_dict(private=True) for key in private_keys.values()]
    keys = KeySet.from_jwks(jwks).keys
    assert len(keys) == 5
    assert not any(key.key.is_private for key in keys)


def rsa_jwk(bits: int, exponent: int = 65537) -> dict[str, Any]:
    number = (1 << (bits - 1)) | 1
    n = b64u_encode(number.to_bytes((bits + 7) // 8, "big")).decode()
    e = b64u_encode(exponent.to_bytes((exponent.bit_length() + 7) // 8, "big")).decode()
    return {"kty": "RSA", "n": n, "e": e}


BROKEN: list[Any] = [
    None,
    "text",
    [],
    {},
    {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQ"},
    {"kty": "AKP", "pub": "AAAA"},
    {"kty": ["RSA"]},
    {"kty": "EC", "crv": "P-256"},
    {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"},
    {"kty": "EC", "crv": "P-256", "x": 1, "y": 2},
    {"kty": "EC", "crv": ["P-256"], "x": "AAAA", "y": "AAAA"},
    {"kty": "EC", "crv": "P-999", "x": "AAAA", "y": "AAAA"},
    {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"},
    {"kty": "RSA", "n": 5, "e": "AQAB"},
    {"kty": "RSA", "n": "not base64", "e": "AQAB"},
    rsa_jwk(1024),
    rsa_jwk(16384),
    rsa_jwk(2048, exponent=2**80 + 1),
    rsa_jwk(2048, exponent=1),
]


@pytest.mark.parametrize("jwk", BROKEN, ids=lambda jwk: str(jwk)[:60])
def test_what_is_no_usable_key_is_dropped_and_the_rest_kept(
    private_keys: PrivateKeys, jwk: Any
) -> None:
    good = jwk_of(private_keys["P-256"], kid="good")
    assert [key.kid for key in KeySet.from_jwks([jwk, good, jwk]).keys] == ["good"]


@pytest.mark.parametrize(
    "extra",
    [{"use": "enc"}, {"use": None}, {"key_ops": ["encrypt"]}, {"key_ops": "verify"},
     {"key_ops": None}, {"kid": 7}, {"alg": ["ES256"]}],
    ids=str,
)  # fmt: skip
def test_a_key_that_is_not_for_signatures_is_dropped(
    private_keys: PrivateKeys, extra: dict[str, Any]
) -> None:
    assert KeySet.from_jwks([jwk_of(private_keys["P-256"], **extra)]).keys == ()


def test_a_key_for_exchange_or_of_a_foreign_curve_is_dropped() -> None:
    keys: list[AsymmetricKey] = [
        OKPKey.generate_key("X25519"),
        OKPKey.generate_key("Ed448"),
        ECKey.generate_key("secp256k1"),
    ]
    assert KeySet.from_jwks([jwk_of(key) for key in keys]).keys == ()


def test_certificates_and_urls_of_a_key_are_not_looked_at(private_keys: PrivateKeys) -> None:
    jwk = jwk_of(private_keys["RSA"], x5c=["rubbish"], x5u=3, jku="https://evil.example")
    assert len(KeySet.from_jwks([jwk]).keys) == 1


def test_no_more_than_64_keys_are_kept(private_keys: PrivateKeys) -> None:
    jwk = jwk_of(private_keys["Ed25519"])
    assert len(KeySet.from_jwks([jwk] * 70).keys) == 64


def test_candidates_fit_algorithm_and_key_id(private_keys: PrivateKeys) -> None:
    keys = KeySet.from_jwks(
        [
            jwk_of(private_keys["RSA"], kid="a"),
            jwk_of(private_keys["RSA"], kid="b", alg="PS256"),
            jwk_of(private_keys["P-256"], kid="a"),
            jwk_of(private_keys["RSA"]),
        ]
    )

    def found(alg: str, kid: str | None) -> list[tuple[str, str | None]]:
        return [(key.family, key.kid) for key in keys.candidates(alg, kid)]

    assert found("RS256", "a") == [("RSA", "a")]
    assert found("ES256", "a") == [("P-256", "a")]
    assert found("RS256", "b") == []
    assert found("PS256", "b") == [("RSA", "b")]
    assert found("RS256", None) == [("RSA", "a"), ("RSA", None)]
    assert found("ES384", "a") == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)
MEMBERS = st.sampled_from(["kty", "crv", "n", "e", "x", "y", "d", "kid", "alg", "use", "key_ops"])
VALUES = JSON | st.sampled_from(
    ["RSA", "EC", "OKP", "oct", "P-256", "Ed25519", "sig", "AQAB", "AA", "A" * 43, "w" * 342]
)


@given(st.lists(JSON | st.dictionaries(MEMBERS, VALUES), max_size=4))
def test_no_key_set_raises_anything(jwks: list[Any]) -> None:
    for key in KeySet.from_jwks(jwks).keys:
        assert not key.key.is_private


# --- private keys --------------------------------------------------------------------------------

DEFAULTS = {
    "RSA": "RS256",
    "P-256": "ES256",
    "P-384": "ES384",
    "P-521": "ES512",
    "Ed25519": "EdDSA",
}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("form", ["key", "jwk", "pem", "pem bytes"])
def test_a_private_key_signs_with_its_own_algorithm_in_every_form(
    private_keys: PrivateKeys, family: str, form: str
) -> None:
    key = private_keys[family]
    pem = key.as_pem(private=True)
    material: Any = {
        "key": key,
        "jwk": key.as_dict(private=True),
        "pem": pem.decode(),
        "pem bytes": pem,
    }[form]
    signing = load_signing_key(material)
    assert signing.alg == DEFAULTS[family]
    token = jws.read(jws.sign({"sub": "1"}, signing), "it")
    assert token.claims == {"sub": "1"}
    (public,) = KeySet.from_jwks([jwk_of(key)]).keys
    assert jws.verify(token, signing.alg, public.key)


def test_a_jwk_may_choose_the_algorithm_and_names_its_id(private_keys: PrivateKeys) -> None:
    jwk = {**private_keys["RSA"].as_dict(private=True), "alg": "PS384", "kid": "k7"}
    signing = load_signing_key(jwk)
    assert (signing.alg, signing.kid) == ("PS384", "k7")
    assert jws.read(jws.sign({}, signing), "it").header == {"alg": "PS384", "kid": "k7"}


def test_a_private_key_does_not_show_in_a_repr(private_keys: PrivateKeys) -> None:
    shown = repr(load_signing_key(private_keys["P-256"]))
    assert str(private_keys["P-256"].as_dict(private=True)["d"]) not in shown
    assert "ECKey" not in shown


def pem_of(key: Any, password: bytes | None = None) -> bytes:
    how = BestAvailableEncryption(password) if password else NoEncryption()
    data: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)
    return data


def unusable(private_keys: PrivateKeys) -> list[Any]:
    rsa_key, ec_key = private_keys["RSA"], private_keys["P-256"]
    weak = rsa.generate_private_key(65537, 1024)
    weak_wrapped = copy.copy(rsa_key)
    weak_wrapped._raw_value = weak
    return [
        None,
        7,
        "",
        "no PEM",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        rsa_key.as_pem(private=False),
        rsa_key.as_dict(private=False),
        pem_of(weak),
        weak_wrapped,
        pem_of(ec.generate_private_key(ec.SECP256K1())),
        pem_of(ec.generate_private_key(ec.SECP256R1()), b"password"),
        pem_of(ed448.Ed448PrivateKey.generate()),
        OKPKey.generate_key("X25519"),
        OctKey.generate_key(256),
        {},
        {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQ"},
        {**ec_key.as_dict(private=True), "alg": "RS256"},
        {**ec_key.as_dict(private=True), "alg": "none"},
        {**ec_key.as_dict(private=True), "use": "enc"},
        {**ec_key.as_dict(private=True), "key_ops": ["verify"]},
        {**ec_key.as_dict(private=True), "d": "AAAA"},
    ]


def test_what_cannot_sign_is_refused_without_being_quoted(private_keys: PrivateKeys) -> None:
    for material in unusable(private_keys):
        with pytest.raises(ProtocolError, match="the client's private key") as caught:
            load_signing_key(material)
        assert "BEGIN" not in str(caught.value)
        assert caught.value.__cause__ is None
