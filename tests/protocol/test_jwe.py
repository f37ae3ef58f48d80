"""Session tokens. The vectors were made by the real Auth.js."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe as joserfc_jwe
from joserfc.jwk import OctKey

from authwire.protocol import jwe
from authwire.protocol.encoding import b64u_decode, b64u_encode
from authwire.protocol.jwe import InvalidToken

FOLDER = Path(__file__).parent.parent / "vectors"
VECTORS = json.loads((FOLDER / "jwe_vectors.json").read_text("utf-8"))["vectors"]
CASES = json.loads((FOLDER / "authjs_jwt.json").read_text("utf-8"))
RECORDED = 1_795_334_700
NOW = 1_800_000_000
SECRET, SALT = "a secret of some length", "authjs.session-token"
CBC, GCM = "A256CBC-HS512", "A256GCM"


def secrets_of(case: dict[str, Any]) -> list[str]:
    secret = case["secret"]
    return [secret] if isinstance(secret, str) else secret


def seal(claims: dict[str, Any], **options: Any) -> str:
    defaults = {"secrets": [SECRET], "salt": SALT, "max_age": 60, "now": NOW, "jti": "j"}
    return jwe.encode(claims, **{**defaults, **options})


def unseal(token: str, **options: Any) -> dict[str, Any]:
    return jwe.decode(token, **{"secrets": [SECRET], "salt": SALT, "now": NOW, **options})


def key_for(enc: str = CBC, secret: str = SECRET, salt: str = SALT) -> OctKey:
    return OctKey.import_key(jwe._derive(secret, salt, enc).key)


def foreign(payload: bytes, header: dict[str, Any] | None = None, enc: str = CBC) -> str:
    """A token that joserfc made with our key, with any header and payload."""
    registry = joserfc_jwe.JWERegistry(
        algorithms=["dir", CBC, GCM, "DEF"], strict_check_header=False
    )
    fields = {"alg": "dir", "enc": enc, **(header or {})}
    return joserfc_jwe.encrypt_compact(fields, payload, key_for(enc), registry=registry)


def refused(token: str, **options: Any) -> bool:
    error: InvalidToken | None = None
    try:
        unseal(token, **options)
    except InvalidToken as exc:
        error = exc
    # Whatever is wrong, the error is the same.
    assert error is None or (str(error) == "the token is not valid" and error.__cause__ is None)
    return error is not None


# --- Auth.js reads ours, we read theirs ----------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_token_of_authjs_is_read(vector: dict[str, Any]) -> None:
    options = {"secrets": secrets_of(vector), "salt": vector["salt"], "now": RECORDED}
    if vector["expect"] == "ok":
        assert jwe.decode(vector["token"], **options) == vector["claims"]
    else:
        assert refused(vector["token"], **options)


@pytest.mark.parametrize("case", CASES["tokens"], ids=lambda case: f"{case['name']}-{case['salt']}")
def test_each_kind_of_claims_made_by_authjs_is_read(case: dict[str, Any]) -> None:
    claims = jwe.decode(case["token"], secrets=[case["secret"]], salt=case["salt"], now=RECORDED)
    assert claims == case["decoded"]


@pytest.mark.parametrize(
    "case", [case for case in CASES["decode"] if case.get("token")], ids=lambda case: case["name"]
)
def test_decoding_decides_as_authjs_does(case: dict[str, Any]) -> None:
    options = {"secrets": secrets_of(case), "salt": case["salt"], "now": RECORDED}
    if "ok" in case["result"]:
        assert jwe.decode(case["token"], **options) == case["result"]["ok"]
    else:
        assert refused(case["token"], **options)


@pytest.mark.parametrize("case", CASES["derived"])
def test_keys_are_derived_as_authjs_does(case: dict[str, Any]) -> None:
    key = jwe._derive(case["secret"], case["salt"], case["enc"])
    assert key.key.hex() == case["key"]
    assert key.kid == case["kid"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_our_token_has_the_header_that_authjs_makes_and_an_independent_reader_opens_it(
    vector: dict[str, Any],
) -> None:
    secrets = secrets_of(vector)
    token = jwe.encode(
        vector["input_claims"],
        secrets=secrets,
        salt=vector["salt"],
        max_age=60,
        now=NOW,
        jti="an id",
    )
    key = OctKey.import_key(jwe._derive(secrets[0], vector["salt"], CBC).key)
    opened = joserfc_jwe.decrypt_compact(token, key, algorithms=["dir", CBC])
    if vector["enc"] == CBC:
        assert opened.protected == vector["header"]
        assert key.raw_value.hex() == vector["derived_key_hex"]
    expected = {**vector["input_claims"], "iat": NOW, "exp": NOW + 60, "jti": "an id"}
    assert json.loads(opened.plaintext or b"") == expected


@pytest.mark.parametrize("enc", [CBC, GCM])
@pytest.mark.parametrize("with_kid", [True, False])
def test_a_token_of_another_library_is_read(enc: str, with_kid: bool) -> None:
    header = {"kid": jwe._derive(SECRET, SALT, enc).kid, "typ": "JWT"} if with_kid else {}
    assert unseal(foreign(b'{"sub":"1"}', header, enc)) == {"sub": "1"}


# --- what encoding makes -------------------------------------------------------------------------


@given(
    st.dictionaries(
        st.text(),
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.lists(st.text()),
    )
)
def test_claims_round_trip(claims: dict[str, Any]) -> None:
    expected = {**claims, "iat": NOW, "exp": NOW + 60, "jti": "j"}
    assert unseal(seal(claims)) == expected


def test_own_claims_come_first_and_times_are_overwritten() -> None:
    claims = unseal(seal({"exp": 1, "sub": "é", "jti": "mine", "iat": 2, "name": None}))
    assert list(claims) == ["sub", "name", "iat", "exp", "jti"]
    assert claims["jti"] == "j"


@pytest.mark.parametrize("length", range(17))
def test_any_length_is_padded_and_unpadded(length: int) -> None:
    assert unseal(seal({"p": "x" * length}))["p"] == "x" * length


def test_two_tokens_of_the_same_claims_differ() -> None:
    assert seal({"sub": "1"}) != seal({"sub": "1"})


def test_the_secrets_do_not_show_in_a_repr_of_a_key() -> None:
    key = jwe._derive(SECRET, SALT, CBC)
    assert key.key.hex() not in repr(key)
    assert repr(key.key) not in repr(key)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_claim_that_json_lacks_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        seal({"n": value})


def test_a_claim_that_json_cannot_express_is_refused() -> None:
    with pytest.raises(TypeError):
        seal({"n": object()})


# --- rotation ------------------------------------------------------------------------------------


def test_an_old_secret_still_opens_and_the_first_seals() -> None:
    old = seal({"sub": "1"}, secrets=["old"])
    assert unseal(old, secrets=["new", "old"])["sub"] == "1"
    assert refused(old, secrets=["new"])
    assert refused(seal({}, secrets=["new", "old"]), secrets=["old"])


@pytest.mark.parametrize("enc", [CBC, GCM])
def test_a_token_without_kid_is_opened_with_the_first_secret_only(enc: str) -> None:
    token = foreign(b"{}", enc=enc)
    assert unseal(token, secrets=[SECRET, "other"]) == {}
    assert refused(token, secrets=["other", SECRET])


def test_a_gcm_token_with_kid_is_opened_with_the_secret_it_names() -> None:
    token = foreign(b"{}", {"kid": jwe._derive(SECRET, SALT, GCM).kid}, GCM)
    assert unseal(token, secrets=["other", SECRET]) == {}
    assert refused(token, secrets=["other"])


def test_a_token_for_one_salt_is_worthless_for_another() -> None:
    assert refused(seal({}, salt="authjs.state"))
    assert refused(seal({}), salt="__Secure-authjs.session-token")


# --- times ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "valid"),
    [
        ({"exp": NOW - 14}, True),
        ({"exp": NOW - 15}, False),
        ({"exp": NOW - 14.5}, True),
        ({"nbf": NOW + 15}, True),
        ({"nbf": NOW + 16}, False),
        ({"iat": NOW + 10_000}, True),
        ({}, True),
    ],
)
def test_times_are_checked_with_fifteen_seconds_of_tolerance(
    claims: dict[str, Any], valid: bool
) -> None:
    assert refused(foreign(json.dumps(claims).encode())) is not valid


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", [b"null", b'"1"', b"true", b"[]", b"{}", b"1e999", b"NaN"])
def test_a_time_that_is_no_number_is_refused(name: str, value: bytes) -> None:
    assert refused(foreign(b'{"%s":%s}' % (name.encode(), value)))


def test_tolerance_can_be_changed() -> None:
    token = foreign(json.dumps({"exp": NOW - 100}).encode())
    assert unseal(token, tolerance=101) == {"exp": NOW - 100}


# --- attacks -------------------------------------------------------------------------------------


def changed(token: str, part: int, value: bytes) -> str:
    parts = token.split(".")
    parts[part] = b64u_encode(value).decode()
    return ".".join(parts)


@pytest.mark.parametrize("enc", [CBC, GCM])
@pytest.mark.parametrize("part", [2, 3, 4])
def test_a_flipped_bit_anywhere_is_refused(enc: str, part: int) -> None:
    token = foreign(b'{"sub":"1"}', enc=enc)
    value = b64u_decode(token.split(".")[part].encode())
    for index in range(len(value)):
        flipped = bytearray(value)
        flipped[index] ^= 1
        assert refused(changed(token, part, bytes(flipped)))


@pytest.mark.parametrize("enc", [CBC, GCM])
@pytest.mark.parametrize("part", [2, 3, 4])
@pytest.mark.parametrize("cut", [0, 1, 12, 15, 17, 31, 33])
def test_a_part_of_another_length_is_refused(enc: str, part: int, cut: int) -> None:
    token = foreign(b'{"sub":"1"}', enc=enc)
    value = b64u_decode(token.split(".")[part].encode())
    if len(value) != cut:
        assert refused(changed(token, part, (value * 3)[:cut]))


def test_another_header_with_the_same_meaning_breaks_the_tag() -> None:
    token = seal({"sub": "1"})
    header = json.loads(b64u_decode(token.split(".")[0].encode()))
    assert refused(changed(token, 0, json.dumps(header).encode()))


def test_non_canonical_base64url_is_refused() -> None:
    token = seal({"sub": "1"})
    tag = token.rsplit(".", 1)[1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    sibling = alphabet[alphabet.index(tag[-1]) ^ 1]
    assert refused(token[:-1] + sibling)
    assert refused(token + "=")
    assert refused(token + "\n")
    assert refused(token.replace(".", ". ", 1))


@pytest.mark.parametrize(
    "header",
    [
        {"zip": "DEF"},  # CVE-2024-33664, CVE-2024-28102: a bomb
        {"crit": ["exp"], "exp": 1},  # CVE-2025-59420: an extension that is not understood
        {"crit": []},
        {"jwk": {"kty": "oct", "k": "AAAA"}},  # CVE-2026-27962: its own key
        {"jku": "https://evil.example/"},
        {"x5u": "https://evil.example/"},
        {"x5c": []},
        {"p2c": 2**31, "p2s": "AAAA"},  # CVE-2023-6681, CVE-2026-27932: hours of hashing
        {"epk": {}},
        {"b64": False},
        {"unknown": 1},
    ],
    ids=lambda header: next(iter(header)),
)
@pytest.mark.parametrize("enc", [CBC, GCM])
def test_a_header_that_asks_for_more_is_refused_though_the_key_is_right(
    header: dict[str, Any], enc: str
) -> None:
    head = b64u_encode(json.dumps({"alg": "dir", "enc": enc, **header}).encode())
    assert refused(resealed(head, b"{}", enc))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "dir"},
        {"enc": CBC},
        {"alg": "none", "enc": CBC},
        {"alg": "PBES2-HS256+A128KW", "enc": CBC},
        {"alg": "RSA1_5", "enc": CBC},
        {"alg": "A256KW", "enc": CBC},
        {"alg": "DIR", "enc": CBC},
        {"alg": None, "enc": CBC},
        {"alg": ["dir"], "enc": CBC},
        {"alg": "dir", "enc": "A128CBC-HS256"},
        {"alg": "dir", "enc": "A128GCM"},
        {"alg": "dir", "enc": None},
        {"alg": "dir", "enc": [CBC]},
        {"alg": "dir", "enc": {}},
        {"alg": "dir", "enc": CBC, "kid": None},
        {"alg": "dir", "enc": CBC, "kid": 1},
        {"alg": "dir", "enc": CBC, "kid": "other"},
        {"alg": "dir", "enc": CBC, "kid": ["other"]},
        [],
        "dir",
        None,
    ],
    ids=str,
)
def test_another_algorithm_or_key_id_is_refused(header: Any) -> None:
    assert refused(resealed(b64u_encode(json.dumps(header).encode()), b"{}", CBC))


def resealed(head: bytes, plaintext: bytes, enc: str) -> str:
    """A token under our key with this very header, whatever it says."""
    key, iv = key_for(enc).raw_value, bytes(16 if enc == CBC else 12)
    model = joserfc_jwe.JWERegistry.algorithms["enc"][enc]
    ciphertext, tag = model.encrypt(plaintext, key, iv, head)
    return b".".join([head, b"", *map(b64u_encode, (iv, ciphertext, tag))]).decode()


def test_resealing_makes_tokens_that_would_be_read_with_a_good_header() -> None:
    for enc in (CBC, GCM):
        head = b64u_encode(json.dumps({"alg": "dir", "enc": enc}).encode())
        assert unseal(resealed(head, b'{"a":1}', enc)) == {"a": 1}


def test_bytes_that_moved_from_the_ciphertext_to_the_tag_are_refused() -> None:
    token = foreign(b'{"sub":"1"}', enc=GCM)
    ciphertext, tag = (b64u_decode(part.encode()) for part in token.split(".")[3:])
    moved = changed(changed(token, 3, ciphertext[:-1]), 4, ciphertext[-1:] + tag)
    assert refused(moved)


def test_an_encrypted_key_is_refused() -> None:
    head, _, rest = seal({}).split(".", 2)
    assert refused(f"{head}.AAAA.{rest}")


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"1",
        b'"x"',
        b"null",
        b"{",
        b"\xff",
        b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    ],
    ids=lambda payload: repr(payload[:8]),
)
@pytest.mark.parametrize("enc", [CBC, GCM])
def test_a_payload_that_is_no_json_object_is_refused(payload: bytes, enc: str) -> None:
    assert refused(foreign(payload, enc=enc))


@pytest.mark.parametrize(
    "ending",
    [
        b"\x00" * 16,
        b"x" * 15 + b"\x11",
        b"x" * 14 + b"\x01\x02",
        b'{"sub":"1"}'.ljust(15) + b"\x11" * 17,
    ],
)
def test_wrong_padding_under_a_right_tag_is_refused(ending: bytes) -> None:
    key = jwe._derive(SECRET, SALT, CBC)
    iv, ciphertext = key.cbc.encrypt(ending)
    for body in (ciphertext, b""):
        tag = jwe._cbc_tag(key, key.header, iv, body)
        parts = (key.header, b"", *map(b64u_encode, (iv, body, tag)))
        assert refused(b".".join(parts).decode())


def test_a_token_over_64_kib_is_refused_before_anything_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fitting, long = seal({"p": "x" * 48_000}), seal({"p": "x" * 50_000})
    assert len(fitting) <= jwe.MAX_TOKEN_LENGTH < len(long)
    assert unseal(fitting)["p"] == "x" * 48_000

    def never(_: bytes) -> bytes:
        raise AssertionError("decoded")

    monkeypatch.setattr(jwe, "b64u_decode", never)
    assert refused(long)


@pytest.mark.parametrize(
    "token", ["", ".", "....", "a.b.c", "a.b.c.d", "a.b.c.d.e.f", "é....", "\ud800"]
)
def test_what_is_no_token_is_refused(token: str) -> None:
    assert refused(token)


SEGMENT = st.from_regex(r"[A-Za-z0-9_\-]{0,40}", fullmatch=True)


@given(
    st.text(max_size=60)
    | st.lists(SEGMENT, min_size=5, max_size=5).map(".".join)
    | st.tuples(SEGMENT, SEGMENT, SEGMENT).map(
        lambda parts: ".".join((jwe._derive(SECRET, SALT, CBC).header.decode(), "", *parts))
    )
    | st.binary(max_size=60).map(lambda head: f"{b64u_encode(head).decode()}..AAAA.AAAA.AAAA")
)
def test_no_text_raises_anything_but_invalid_token(token: str) -> None:
    assert refused(token)


@given(st.binary(max_size=80), st.sampled_from([CBC, GCM]))
def test_no_payload_raises_anything_but_invalid_token(payload: bytes, enc: str) -> None:
    refused(foreign(payload, enc=enc))
