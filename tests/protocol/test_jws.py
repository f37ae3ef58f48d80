from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as joserfc_jws
from joserfc.jwk import OctKey, OKPKey

from authwire.errors import ProtocolError
from authwire.protocol import jws
from authwire.protocol.encoding import b64u_decode, b64u_encode
from authwire.protocol.jws import SignedToken
from authwire.protocol.keys import AsymmetricKey, load_signing_key

# RFC 8037, appendix A.4.
ED25519_KEY = {
    "kty": "OKP",
    "crv": "Ed25519",
    "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}
ED25519_TOKEN = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)
# RFC 7515, appendix A.1.
HMAC_KEY = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
HMAC_TOKEN = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)


def raw(token: str, alg: str) -> SignedToken:
    head, body, tail = token.encode().split(b".")
    return SignedToken(
        alg=alg,
        kid=None,
        header={},
        claims={},
        signing_input=head + b"." + body,
        signature=b64u_decode(tail),
    )


def compact(header: Any, claims: Any = None, signature: bytes = b"") -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims or {}).encode(), signature)
    return b".".join(map(b64u_encode, parts)).decode()


def test_the_ed25519_example_of_the_rfc_verifies() -> None:
    key = OKPKey.import_key({k: v for k, v in ED25519_KEY.items() if k != "d"})
    assert jws.verify(raw(ED25519_TOKEN, "EdDSA"), "EdDSA", key)
    assert not jws.verify(raw(ED25519_TOKEN[:-4] + "AAAA", "EdDSA"), "EdDSA", key)


def test_the_hmac_example_of_the_rfc_verifies() -> None:
    token = jws.read(HMAC_TOKEN, "it")
    assert token.claims["iss"] == "joe"
    assert jws.verify(token, "HS256", b64u_decode(HMAC_KEY.encode()))
    assert not jws.verify(token, "HS384", b64u_decode(HMAC_KEY.encode()))
    assert not jws.verify(token, "HS256", b"another")


@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
def test_another_library_reads_what_we_sign_with_a_secret(alg: str) -> None:
    secret = "a secret that is long enough: é"
    token = jws.sign_hmac({"sub": "1"}, secret, alg)
    opened = joserfc_jws.deserialize_compact(
        token, OctKey.import_key(secret.encode()), algorithms=[alg]
    )
    assert json.loads(opened.payload) == {"sub": "1"}


@pytest.mark.parametrize("family", ["RSA", "P-256", "P-384", "P-521", "Ed25519"])
def test_a_signature_of_a_wrong_shape_is_wrong_not_an_error(
    private_keys: dict[str, AsymmetricKey], family: str
) -> None:
    signing = load_signing_key(private_keys[family])
    token = jws.read(jws.sign({"sub": "1"}, signing), "it")
    assert jws.verify(token, signing.alg, signing.key)
    size = len(token.signature)
    for signature in (b"", b"\x00", bytes(size), b"\xff" * size, token.signature + b"\x00"):
        forged = jws.read(f"{token.signing_input.decode()}.{b64u_encode(signature).decode()}", "it")
        assert not jws.verify(forged, signing.alg, signing.key)


def test_a_key_that_may_not_verify_does_not(private_keys: dict[str, AsymmetricKey]) -> None:
    signing = load_signing_key(private_keys["P-256"])
    token = jws.read(jws.sign({}, signing), "it")
    jwk = {**private_keys["P-256"].as_dict(private=False), "key_ops": ["encrypt"]}
    assert not jws.verify(token, "ES256", type(private_keys["P-256"]).import_key(jwk))


def test_more_header_fields_can_be_signed_but_not_another_algorithm(
    private_keys: dict[str, AsymmetricKey],
) -> None:
    signing = load_signing_key(private_keys["P-256"])
    token = jws.read(jws.sign({}, signing, {"typ": "x", "alg": "none"}), "it")
    assert token.header == {"typ": "x", "alg": "ES256"}


@pytest.mark.parametrize(
    ("token", "message"),
    [
        ("", "no signed token"),
        ("a.b", "no signed token"),
        ("a.b.c.d", "no signed token"),
        ("a.b.c.d.e", "is encrypted"),
        ("é.b.c", "no signed token"),
        ("\ud800.b.c", "no signed token"),
        (compact([]), "no signed token"),
        (compact({"alg": "RS256"}, [1]), "no signed token"),
        (compact({"alg": "RS256"}) + "=", "no signed token"),
        (compact({}), "broken header"),
        (compact({"alg": None}), "broken header"),
        (compact({"alg": ["RS256"]}), "broken header"),
        (compact({"alg": "RS256", "kid": 1}), "broken header"),
        (compact({"alg": "RS256", "crit": ["b64"], "b64": False}), "extension"),
        (compact({"alg": "RS256", "crit": []}), "extension"),
        (compact({"alg": "RS256", "crit": None}), "extension"),
        (compact({"alg": "RS256"}, {"p": "x" * 70_000}), "too long"),
    ],
    ids=lambda value: value[:30],
)
def test_what_is_no_signed_token_is_refused_without_being_quoted(token: str, message: str) -> None:
    with pytest.raises(ProtocolError, match=f"it .*{message}") as caught:
        jws.read(token, "it")
    assert caught.value.__cause__ is None
    assert len(str(caught.value)) < 80


def test_a_token_that_was_read_does_not_show_its_content() -> None:
    shown = repr(jws.read(HMAC_TOKEN, "it"))
    assert "joe" not in shown
    assert HMAC_TOKEN.split(".")[1] not in shown


@given(
    st.text(max_size=60)
    | st.lists(st.binary(max_size=30).map(b64u_encode), min_size=3, max_size=3).map(
        lambda parts: b".".join(parts).decode()
    )
)
def test_no_text_raises_anything_but_protocol_errors(text: str) -> None:
    with contextlib.suppress(ProtocolError):
        jws.read(text, "it")
