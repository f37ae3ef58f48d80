from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as joserfc_jws
from joserfc.jwk import ECKey, OctKey

from authwire.errors import InvalidCheck, ProtocolError
from authwire.protocol import jws, oidc
from authwire.protocol.client_auth import Client
from authwire.protocol.encoding import b64u_decode, b64u_encode, json_text
from authwire.protocol.keys import AsymmetricKey, KeySet, load_signing_key
from authwire.protocol.oidc import UnknownKey

NOW = 1_800_000_000
ISSUER = "https://idp.example"
SECRET = "the client's secret, long enough"
CLIENT = Client(client_id="app", client_secret=SECRET)
HMAC_CLIENT = replace(CLIENT, id_token_signed_response_alg="HS256")
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "app",
    "sub": "u-1",
    "exp": NOW + 300,
    "iat": NOW,
}
ALL = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
       "EdDSA", "Ed25519")  # fmt: skip
FAMILY = {"RS": "RSA", "PS": "RSA", "Ed": "Ed25519"}
CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}

Keys = dict[str, AsymmetricKey]
Sign = Callable[..., str]


def family_of(alg: str) -> str:
    return CURVES.get(alg) or FAMILY[alg[:2]]


@pytest.fixture(scope="module")
def keys(private_keys: Keys) -> KeySet:
    """The provider's key set: one key of each family, named after it."""
    return KeySet.from_jwks(
        [{**key.as_dict(private=False), "kid": name} for name, key in private_keys.items()]
    )


@pytest.fixture(scope="module")
def sign(private_keys: Keys) -> Sign:
    """Sign claims as the provider would, and as it never would."""

    def make(
        changes: dict[str, Any] | None = None,
        *,
        alg: str = "RS256",
        header: dict[str, Any] | None = None,
        without: tuple[str, ...] = (),
    ) -> str:
        claims = {k: v for k, v in {**CLAIMS, **(changes or {})}.items() if k not in without}
        family = family_of(alg)
        signing = replace(load_signing_key(private_keys[family]), alg=alg)
        return jws.sign(claims, signing, {"kid": family, "typ": "JWT", **(header or {})})

    return make


@pytest.fixture(scope="module")
def check(keys: KeySet) -> Callable[..., dict[str, Any]]:
    def run(token: str, **options: Any) -> dict[str, Any]:
        defaults: dict[str, Any] = {
            "keys": keys,
            "issuer": ISSUER,
            "client": CLIENT,
            "nonce": None,
            "now": NOW,
            "server_algs": ("RS256",),
            "access_token": None,
        }
        return oidc.validate_id_token(token, **{**defaults, **options})

    return run


def hmac_token(claims: Any, alg: str = "HS256", secret: str = SECRET) -> str:
    return jws.sign_hmac(claims, secret, alg)


def compact(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    return b".".join(map(b64u_encode, (json_text(header), json_text(claims), signature))).decode()


# --- signatures and algorithms -------------------------------------------------------------------


@pytest.mark.parametrize("alg", ALL)
def test_each_algorithm_is_accepted_where_the_server_announces_it(
    sign: Sign, check: Any, alg: str
) -> None:
    token = sign(alg=alg)
    assert check(token, server_algs=("none", "HS256", alg)) == CLAIMS
    assert check(token, client=replace(CLIENT, id_token_signed_response_alg=alg)) == CLAIMS


# Not EdDSA: joserfc warns that it is deprecated. Ed25519 is the same signature.
@pytest.mark.parametrize("alg", [name for name in ALL if name != "EdDSA"])
def test_a_token_signed_by_another_library_is_accepted(
    private_keys: Keys, check: Any, alg: str
) -> None:
    family = family_of(alg)
    token = joserfc_jws.serialize_compact(
        {"alg": alg, "kid": family}, json.dumps(CLAIMS), private_keys[family], algorithms=[alg]
    )
    assert check(token, server_algs=(alg,)) == CLAIMS


@pytest.mark.parametrize("alg", [name for name in ALL if name != "RS256"])
def test_without_metadata_only_rs256_is_accepted(sign: Sign, check: Any, alg: str) -> None:
    assert check(sign(), server_algs=None) == CLAIMS
    with pytest.raises(ProtocolError, match="algorithm"):
        check(sign(alg=alg), server_algs=None)


def test_the_clients_algorithm_is_the_only_one(sign: Sign, check: Any) -> None:
    client = replace(CLIENT, id_token_signed_response_alg="ES256")
    assert check(sign(alg="ES256"), client=client, server_algs=("RS256",)) == CLAIMS
    with pytest.raises(ProtocolError, match="algorithm"):
        check(sign(), client=client, server_algs=("RS256",))


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", "NONE", "", "ES256K", "RS1", "RSA1_5"])
@pytest.mark.parametrize("allow", ["client", "server"])
def test_none_and_unknown_algorithms_are_never_accepted(check: Any, alg: str, allow: str) -> None:
    # CVE-2026-28802
    token = compact({"alg": alg}, CLAIMS)
    options = (
        {"client": replace(CLIENT, id_token_signed_response_alg=alg)}
        if allow == "client"
        else {"server_algs": (alg,)}
    )
    with pytest.raises(ProtocolError, match="algorithm"):
        check(token, **options)


@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
def test_a_shared_secret_counts_only_if_the_client_says_so(check: Any, alg: str) -> None:
    token = hmac_token(CLAIMS, alg)
    assert check(token, client=replace(CLIENT, id_token_signed_response_alg=alg)) == CLAIMS
    for options in ({"server_algs": (alg,)}, {"server_algs": None}, {"client": CLIENT}):
        with pytest.raises(ProtocolError, match="algorithm"):
            check(token, **options)


def test_a_wrong_or_missing_secret_is_refused(check: Any) -> None:
    with pytest.raises(ProtocolError, match="signature is wrong"):
        check(hmac_token(CLAIMS, secret="another"), client=HMAC_CLIENT)
    for secret in (None, ""):
        with pytest.raises(ProtocolError, match="we have none"):
            check(hmac_token(CLAIMS), client=replace(HMAC_CLIENT, client_secret=secret))


@pytest.mark.parametrize("form", ["pem", "jwk", "der"])
def test_a_public_key_is_never_a_shared_secret(
    private_keys: Keys, keys: KeySet, check: Any, form: str
) -> None:
    # CVE-2022-39174, CVE-2024-37568
    public = private_keys["RSA"]
    secret = {
        "pem": public.as_pem(private=False).decode(),
        "jwk": json.dumps(public.as_dict(private=False)),
        "der": public.as_der(private=False).decode("latin-1"),
    }[form]
    token = hmac_token(CLAIMS, secret=secret)
    with pytest.raises(ProtocolError, match="algorithm"):
        check(token, server_algs=("RS256", "HS256"))
    with pytest.raises(ProtocolError, match="signature is wrong"):
        check(token, client=HMAC_CLIENT)


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_a_tampered_token_is_refused(sign: Sign, check: Any, alg: str) -> None:
    head, body, tail = sign(alg=alg).split(".")
    claims = json.loads(b64u_decode(body.encode()))
    forged = b64u_encode(json_text({**claims, "sub": "u-2"})).decode()
    with pytest.raises(ProtocolError, match="signature is wrong"):
        check(f"{head}.{forged}.{tail}", server_algs=(alg,))
    with pytest.raises(ProtocolError, match="signature is wrong"):
        check(f"{head}.{body}.", server_algs=(alg,))


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c"])
def test_a_key_that_the_token_brings_along_is_not_used(check: Any, name: str) -> None:
    # CVE-2026-27962
    attacker = ECKey.generate_key("P-256")
    value: Any = {
        "jwk": attacker.as_dict(private=False),
        "jku": "https://evil.example/jwks",
        "x5u": "https://evil.example/cert",
        "x5c": ["AAAA"],
    }[name]
    signing = load_signing_key(attacker)
    for header in ({name: value}, {name: value, "kid": "P-256"}):
        token = jws.sign(CLAIMS, signing, header)
        with pytest.raises(ProtocolError, match=r"signature is wrong|no key"):
            check(token, server_algs=("ES256",))


def test_a_key_beside_a_good_signature_is_ignored(sign: Sign, check: Any) -> None:
    header = {"x5t": "AAAA", "x5u": 7, "jku": "https://evil.example/", "unknown": [1]}
    assert check(sign(header=header)) == CLAIMS


def test_an_unknown_key_id_asks_for_fresh_keys(sign: Sign, check: Any) -> None:
    with pytest.raises(UnknownKey, match="no key"):
        check(sign(header={"kid": "next year's"}))
    with pytest.raises(UnknownKey):
        check(sign(), keys=KeySet())
    assert issubclass(UnknownKey, ProtocolError)


def test_a_key_id_of_another_family_is_unknown(sign: Sign, check: Any) -> None:
    with pytest.raises(UnknownKey):
        check(sign(header={"kid": "P-256"}))


def test_without_key_id_every_fitting_key_is_tried(
    private_keys: Keys, sign: Sign, check: Any
) -> None:
    signing = load_signing_key(private_keys["P-256"])
    token = jws.sign(CLAIMS, signing)
    other = ECKey.generate_key("P-256")
    jwks = [key.as_dict(private=False) for key in (other, private_keys["P-256"])]
    assert check(token, keys=KeySet.from_jwks(jwks), server_algs=("ES256",)) == CLAIMS
    with pytest.raises(UnknownKey):
        check(token, keys=KeySet.from_jwks(jwks[:1]), server_algs=("ES256",))


def test_a_key_is_used_with_its_own_algorithm_only(
    private_keys: Keys, sign: Sign, check: Any
) -> None:
    jwk = {**private_keys["RSA"].as_dict(private=False), "kid": "RSA", "alg": "RS256"}
    keys = KeySet.from_jwks([jwk])
    assert check(sign(), keys=keys) == CLAIMS
    with pytest.raises(UnknownKey):
        check(sign(alg="PS256"), keys=keys, server_algs=("RS256", "PS256"))


# --- kinds of tokens -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["at+jwt", "AT+JWT", "application/at+jwt", "logout+jwt", 7, ["JWT"]]
)
def test_another_kind_of_token_is_refused(sign: Sign, check: Any, kind: Any) -> None:
    with pytest.raises(ProtocolError, match="another type"):
        check(sign(header={"typ": kind}))


@pytest.mark.parametrize("kind", ["JWT", "jwt", "application/jwt", None])
def test_a_usual_kind_is_accepted(sign: Sign, check: Any, kind: Any) -> None:
    assert check(sign(header={"typ": kind})) == CLAIMS


def test_an_extension_that_must_be_understood_is_refused(sign: Sign, check: Any) -> None:
    # CVE-2025-59420, CVE-2026-32597
    with pytest.raises(ProtocolError, match="extension"):
        check(sign(header={"crit": ["x"], "x": 1}))


def test_a_token_over_the_cap_is_refused_unread(sign: Sign, check: Any) -> None:
    # CVE-2025-61920
    with pytest.raises(ProtocolError, match="too long"):
        check(sign({"p": "x" * 60_000}))


# --- claims --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "issuer", [None, "", f"{ISSUER}/", "https://evil.example", [ISSUER], 7], ids=str
)
def test_another_issuer_is_refused(sign: Sign, check: Any, issuer: Any) -> None:
    with pytest.raises(ProtocolError, match="another issuer"):
        check(sign({"iss": issuer}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"aud": "other"}, "another client"),
        ({"aud": "APP"}, "another client"),
        ({"aud": "app2"}, "another client"),
        ({"aud": []}, "another client"),
        ({"aud": ["other"]}, "another client"),
        ({"aud": {"app": 1}}, "another client"),
        ({"aud": None}, "another client"),
        ({"aud": [["app"]]}, "another client"),
        ({"aud": ["app", "other"]}, "several audiences"),
        ({"aud": ["app", "other"], "azp": "other"}, "to another client"),
        ({"aud": "app", "azp": "other"}, "to another client"),
        ({"aud": "app", "azp": ["app"]}, "to another client"),
    ],
    ids=str,
)
def test_a_token_for_somebody_else_is_refused(
    sign: Sign, check: Any, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ProtocolError, match=message):
        check(sign(changes))


@pytest.mark.parametrize(
    "changes",
    [{"aud": ["app"]}, {"aud": "app", "azp": "app"}, {"aud": ["x", "app"], "azp": "app"}],
    ids=str,
)
def test_a_token_for_us_is_accepted(sign: Sign, check: Any, changes: dict[str, Any]) -> None:
    assert check(sign(changes)) == {**CLAIMS, **changes}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"exp": NOW - 30}, "expired"),
        ({"exp": 0}, "expired"),
        ({"iat": NOW + 31}, "future"),
        ({"nbf": NOW + 31}, "not valid yet"),
    ],
    ids=str,
)
def test_a_token_out_of_its_time_is_refused(
    sign: Sign, check: Any, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ProtocolError, match=message):
        check(sign(changes))


@pytest.mark.parametrize(
    "changes",
    [{"exp": NOW - 29}, {"exp": NOW - 29.5}, {"iat": NOW + 30}, {"nbf": NOW + 30}, {"iat": 0}],
    ids=str,
)
def test_clocks_may_differ_by_thirty_seconds(
    sign: Sign, check: Any, changes: dict[str, Any]
) -> None:
    assert check(sign(changes)) == {**CLAIMS, **changes}


def test_tolerance_can_be_changed(sign: Sign, check: Any) -> None:
    with pytest.raises(ProtocolError, match="expired"):
        check(sign({"exp": NOW}), tolerance=0)


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", [None, "1900000000", True, [], {}], ids=str)
def test_a_time_that_is_none_is_refused(sign: Sign, check: Any, name: str, value: Any) -> None:
    with pytest.raises(ProtocolError, match=f"no {name}"):
        check(sign({name: value}))


def test_an_infinite_time_is_refused(check: Any) -> None:
    body = json.dumps({**CLAIMS, "exp": 0}).replace('"exp": 0', '"exp": 1e999').encode()
    head = b64u_encode(b'{"alg":"HS256"}')
    data = head + b"." + b64u_encode(body)
    signature = jws.hmac.digest(SECRET.encode(), data, "sha256")
    with pytest.raises(ProtocolError, match="no exp"):
        check(f"{data.decode()}.{b64u_encode(signature).decode()}", client=HMAC_CLIENT)


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "exp", "iat"])
def test_a_required_claim_that_is_missing_is_refused(sign: Sign, check: Any, name: str) -> None:
    with pytest.raises(ProtocolError):
        check(sign(without=(name,)))


@pytest.mark.parametrize("subject", ["", 7, None, ["u-1"]], ids=str)
def test_a_subject_must_be_a_text(sign: Sign, check: Any, subject: Any) -> None:
    with pytest.raises(ProtocolError, match="no sub"):
        check(sign({"sub": subject}))


@pytest.mark.parametrize("nonce", ["n-2", "", "N-1", 7, None, ["n-1"], "é", "\ud800"], ids=repr)
def test_another_nonce_is_an_invalid_check(sign: Sign, check: Any, nonce: Any) -> None:
    with pytest.raises(InvalidCheck, match="nonce"):
        check(sign({"nonce": nonce}), nonce="n-1")


def test_the_nonce_we_sent_is_accepted_and_must_come_back(sign: Sign, check: Any) -> None:
    assert check(sign({"nonce": "n-1"}), nonce="n-1")["nonce"] == "n-1"
    with pytest.raises(InvalidCheck, match="no nonce"):
        check(sign(), nonce="n-1")


def test_a_nonce_that_nobody_sent_is_an_invalid_check(sign: Sign, check: Any) -> None:
    with pytest.raises(InvalidCheck, match="we sent none"):
        check(sign({"nonce": "n-1"}))


@pytest.mark.parametrize(
    ("auth_time", "valid"),
    [(NOW - 630, True), (NOW - 631, False), (None, False), ("now", False)],
    ids=str,
)
def test_the_sign_in_at_the_provider_may_have_to_be_recent(
    sign: Sign, check: Any, auth_time: Any, valid: bool
) -> None:
    token = sign({"auth_time": auth_time})
    if valid:
        assert check(token, max_age=600)["auth_time"] == auth_time
    else:
        with pytest.raises(ProtocolError, match=r"auth_time|too long ago"):
            check(token, max_age=600)


# --- at_hash -------------------------------------------------------------------------------------


def test_at_hash_is_that_of_the_example_in_the_standard(sign: Sign, check: Any) -> None:
    # OpenID Connect Core, appendix A.4.
    access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
    token = sign({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"})
    assert check(token, access_token=access_token)["sub"] == "u-1"
    with pytest.raises(ProtocolError, match="access token") as caught:
        check(token, access_token="another")
    assert "another" not in str(caught.value)


@pytest.mark.parametrize("alg", [*ALL, "HS256", "HS384", "HS512"])
def test_at_hash_is_made_with_the_hash_of_the_signature(sign: Sign, check: Any, alg: str) -> None:
    size = "512" if alg.startswith("Ed") else alg[-3:]
    digest = hashlib.new(f"sha{size}", b"at-1").digest()
    good = b64u_encode(digest[: len(digest) // 2]).decode()
    client = replace(CLIENT, id_token_signed_response_alg=alg)
    for at_hash, valid in ((good, True), (b64u_encode(digest).decode(), False)):
        changes = {"at_hash": at_hash}
        token = hmac_token({**CLAIMS, **changes}, alg) if alg[0] == "H" else sign(changes, alg=alg)
        if valid:
            assert check(token, client=client, access_token="at-1")["at_hash"] == at_hash
        else:
            with pytest.raises(ProtocolError, match="access token"):
                check(token, client=client, access_token="at-1")


@pytest.mark.parametrize("at_hash", [7, "", [], "é", "\ud800"], ids=repr)
def test_a_broken_at_hash_is_refused(sign: Sign, check: Any, at_hash: Any) -> None:
    with pytest.raises(ProtocolError, match="access token"):
        check(sign({"at_hash": at_hash}), access_token="at-1")


def test_at_hash_is_optional_and_needs_an_access_token(sign: Sign, check: Any) -> None:
    assert check(sign(), access_token="at-1") == CLAIMS
    assert check(sign({"at_hash": None}), access_token="at-1")["sub"] == "u-1"
    assert check(sign({"at_hash": "x"}))["at_hash"] == "x"


# --- the rest ------------------------------------------------------------------------------------


def test_unverified_claims_are_read_without_any_check() -> None:
    assert oidc.unverified_claims(compact({"alg": "none"}, {"tid": "t-1"})) == {"tid": "t-1"}
    with pytest.raises(ProtocolError):
        oidc.unverified_claims("not a token")


@pytest.mark.parametrize(
    "changes", [{"aud": "other"}, {"sub": 7}, {"nonce": "secret-nonce"}, {"exp": 1}], ids=str
)
def test_messages_quote_no_claim(sign: Sign, check: Any, changes: dict[str, Any]) -> None:
    with pytest.raises((ProtocolError, InvalidCheck)) as caught:
        check(sign({"email": "ada@example.com", **changes}))
    assert "secret-nonce" not in str(caught.value)
    assert "ada@example.com" not in str(caught.value)


def test_our_signatures_are_read_by_another_library() -> None:
    token = hmac_token(CLAIMS)
    opened = joserfc_jws.deserialize_compact(token, OctKey.import_key(SECRET))
    assert json.loads(opened.payload) == CLAIMS


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6) | st.sampled_from([ISSUER, "app", NOW, NOW + 300, "n-1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)  # fmt: skip
NAMES = st.sampled_from(["iss", "aud", "azp", "sub", "exp", "iat", "nbf", "nonce", "at_hash"])


@given(
    st.text(max_size=40)
    | st.dictionaries(NAMES, VALUES).map(lambda c: hmac_token({**CLAIMS, **c})),
    st.sampled_from([None, "n-1"]),
    st.sampled_from([None, 60]),
)
def test_no_token_raises_anything_but_the_named_errors(
    token: str, nonce: str | None, max_age: int | None
) -> None:
    try:
        claims = oidc.validate_id_token(
            token,
            keys=KeySet(),
            issuer=ISSUER,
            client=HMAC_CLIENT,
            nonce=nonce,
            now=NOW,
            server_algs=None,
            access_token="at-1",
            max_age=max_age,
        )
    except (ProtocolError, InvalidCheck):
        return
    assert claims["iss"] == ISSUER
    assert isinstance(claims["sub"], str)
    assert claims.get("nonce") == nonce


@given(
    st.dictionaries(
        st.sampled_from(["alg", "kid", "typ", "crit", "jwk", "b64"]),
        VALUES | st.sampled_from(["RS256", "ES256", "HS256", "none"]),
    ),
    st.binary(max_size=80),
)
def test_no_header_raises_anything_but_protocol_errors(
    header: dict[str, Any], signature: bytes
) -> None:
    with pytest.raises(ProtocolError):
        oidc.validate_id_token(
            compact(header, CLAIMS, signature),
            keys=KeySet(),
            issuer=ISSUER,
            client=CLIENT,
            nonce=None,
            now=NOW,
            server_algs=ALL,
            access_token=None,
        )
