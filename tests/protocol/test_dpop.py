from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as joserfc_jws
from joserfc.jwk import ECKey

from authwire.errors import ProtocolError
from authwire.http import Headers, HttpResponse
from authwire.protocol import jws
from authwire.protocol.dpop import DPoPKey, wanted_nonce
from authwire.protocol.keys import AsymmetricKey, KeySet

NOW = 1_800_000_000
# RFC 9449: the proof of §4.1, the thumbprint of §6.1, token and hash of §7.1.
RFC_PROOF = (
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNo"
    "UklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERW"
    "clUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0"
    "dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v"
    "-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
)
RFC_THUMBPRINT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
RFC_TOKEN = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
RFC_ATH = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"


@pytest.fixture(scope="module")
def key() -> DPoPKey:
    return DPoPKey.generate()


def opened(proof: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, after the proof's own key verified it, as a server would."""
    header = jws.read(proof, "the proof").header
    token = joserfc_jws.deserialize_compact(
        proof, ECKey.import_key(header["jwk"]), algorithms=["ES256"]
    )
    return token.protected, json.loads(token.payload)


def test_the_proof_of_the_rfc_verifies_and_ours_has_the_same_shape(key: DPoPKey) -> None:
    example = jws.read(RFC_PROOF, "the proof")
    (public,) = KeySet.from_jwks([example.header["jwk"]]).keys
    assert jws.verify(example, "ES256", public.key)

    header, claims = opened(
        key.proof(method="POST", url="https://server.example.com/token", now=NOW, jti="unique")
    )
    assert set(header) == set(example.header)
    assert set(header["jwk"]) == set(example.header["jwk"])
    assert (header["typ"], header["alg"]) == ("dpop+jwt", "ES256")
    assert claims == {
        "jti": "unique",
        "htm": "POST",
        "htu": "https://server.example.com/token",
        "iat": NOW,
    }


def test_the_thumbprint_is_that_of_the_rfc_example() -> None:
    public = ECKey.import_key(jws.read(RFC_PROOF, "the proof").header["jwk"])
    assert DPoPKey(public).thumbprint == RFC_THUMBPRINT


def test_nonce_and_access_token_are_bound_as_in_the_rfc_example(key: DPoPKey) -> None:
    proof = key.proof(
        method="GET",
        url="https://resource.example.org/protectedresource",
        now=NOW,
        jti="unique",
        nonce="eyJ7S_zG.eyJH0-Z.HX4w-7v",
        access_token=RFC_TOKEN,
    )
    _, claims = opened(proof)
    assert claims["ath"] == RFC_ATH
    assert claims["nonce"] == "eyJ7S_zG.eyJH0-Z.HX4w-7v"


@pytest.mark.parametrize(
    ("url", "htu"),
    [
        ("https://a.example/token?x=1", "https://a.example/token"),
        ("https://A.Example:443/Token", "https://a.example/Token"),
        ("https://a.example:8443/token", "https://a.example:8443/token"),
        ("https://a.example", "https://a.example/"),
        ("http://localhost:80/t", "http://localhost/t"),
        ("http://localhost:443/t", "http://localhost:443/t"),
        ("http://[::1]:80/t", "http://[::1]/t"),
    ],
)
def test_the_url_is_bound_without_query_in_its_normal_form(
    key: DPoPKey, url: str, htu: str
) -> None:
    _, claims = opened(key.proof(method="POST", url=url, now=NOW, jti="j"))
    assert claims["htu"] == htu


def test_a_key_survives_being_sealed_into_a_cookie(key: DPoPKey) -> None:
    jwk = json.loads(json.dumps(key.to_jwk()))
    again = DPoPKey.from_jwk(jwk)
    assert again.thumbprint == key.thumbprint
    assert again.to_jwk() == key.to_jwk()
    header, _ = opened(again.proof(method="GET", url="https://a.example", now=NOW, jti="j"))
    assert "d" not in header["jwk"]


def test_two_keys_differ_and_a_repr_shows_only_the_thumbprint(key: DPoPKey) -> None:
    assert DPoPKey.generate().thumbprint != key.thumbprint
    assert repr(key) == f"DPoPKey(thumbprint='{key.thumbprint}')"
    assert key.to_jwk()["d"] not in repr(key)


def test_what_is_no_private_p256_key_is_refused(
    key: DPoPKey, private_keys: dict[str, AsymmetricKey]
) -> None:
    good = key.to_jwk()
    other = DPoPKey.generate().to_jwk()
    broken: list[dict[str, Any]] = [
        {},
        private_keys["RSA"].as_dict(private=True),
        private_keys["P-384"].as_dict(private=True),
        {**good, "crv": "P-384"},
        {**good, "crv": ["P-256"]},
        {**good, "kty": "OKP"},
        {**good, "d": other["d"]},
        {**good, "d": 7},
        {**good, "x": "not base64"},
        {name: value for name, value in good.items() if name != "d"},
    ]
    for jwk in broken:
        with pytest.raises(ProtocolError, match="DPoP key") as caught:
            DPoPKey.from_jwk(jwk)
        assert good["d"] not in str(caught.value)


CHALLENGE = 'DPoP error="use_dpop_nonce", error_description="nonce required"'


@pytest.mark.parametrize(
    ("status", "body", "challenge", "nonce", "wanted"),
    [
        (400, {"error": "use_dpop_nonce"}, None, "n-1", "n-1"),
        (401, {"error": "use_dpop_nonce"}, None, "n-1", "n-1"),
        (401, b"", CHALLENGE, "n-1", "n-1"),
        (401, b"", "dpop  ERROR = use_dpop_nonce", "n-1", "n-1"),
        (401, {"error": "invalid_token"}, CHALLENGE, "n-1", "n-1"),
        (200, {"error": "use_dpop_nonce"}, None, "n-1", None),
        (500, {"error": "use_dpop_nonce"}, None, "n-1", None),
        (400, {"error": "invalid_grant"}, None, "n-1", None),
        (401, b"", 'Bearer error="use_dpop_nonce"', "n-1", None),
        (401, b"", 'DPoP error="invalid_token"', "n-1", None),
        (401, b"", None, "n-1", None),
        (400, {"error": "use_dpop_nonce"}, None, None, None),
        (400, {"error": "use_dpop_nonce"}, None, "", None),
        (400, {"error": "use_dpop_nonce"}, None, "a b", None),
        (400, {"error": "use_dpop_nonce"}, None, 'a"b', None),
        (400, {"error": "use_dpop_nonce"}, None, "a\r\nx: y", None),
        (400, {"error": "use_dpop_nonce"}, None, "é", None),
        (400, {"error": "use_dpop_nonce"}, None, "n" * 1025, None),
    ],
)
def test_a_nonce_is_wanted_only_where_the_server_says_so(
    answer: Any,
    *,
    status: int,
    body: Any,
    challenge: str | None,
    nonce: str | None,
    wanted: str | None,
) -> None:
    headers = {"DPoP-Nonce": nonce, "WWW-Authenticate": challenge}
    response = answer(
        body, status=status, headers={k: v for k, v in headers.items() if v is not None}
    )
    assert wanted_nonce(response) == wanted


def test_any_of_several_challenges_may_want_a_nonce() -> None:
    fields = [
        ("www-authenticate", "Bearer"),
        ("www-authenticate", CHALLENGE),
        ("dpop-nonce", "n"),
    ]
    assert wanted_nonce(HttpResponse(status=401, headers=Headers(fields))) == "n"


@given(st.binary(max_size=40), st.text(max_size=60), st.text(max_size=9))
def test_no_answer_raises_anything(body: bytes, challenge: str, nonce: str) -> None:
    headers = Headers([("dpop-nonce", nonce), ("www-authenticate", challenge)])
    assert wanted_nonce(HttpResponse(status=401, headers=headers, body=body)) in (None, nonce)
