from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from tests.soft_passkey import PRESENT, SYNCABLE, SYNCED, VERIFIED, SoftPasskey, b64u

from authwire.errors import WebAuthnVerificationError
from authwire.models import Authenticator
from authwire.protocol.webauthn import (
    Answer,
    Expectation,
    NewCredential,
    counter_went_back,
    creation_options,
    decoy_descriptor,
    descriptor,
    join_transports,
    parse_answer,
    request_options,
    rp_id_for,
    split_transports,
    standard_base64,
    verify_authentication,
    verify_registration,
)

CASES = json.loads(
    (Path(__file__).parents[1] / "vectors" / "authjs_webauthn_cases.json").read_text("utf-8")
)
RECORDED = json.loads((Path(__file__).parents[1] / "vectors" / "webauthn.json").read_text("utf-8"))
CHALLENGE = "Y2hhbGxlbmdl" * 3
MAKE = {"challenge": CHALLENGE, "rp": {"id": "localhost"}}
USE = {"challenge": CHALLENGE, "rpId": "localhost"}
EXPECTED = Expectation(
    challenge=CHALLENGE,
    rp_id="localhost",
    origins=("http://localhost:3000", "https://app.example"),
    user_verification=True,
)
ALGORITHMS = (-8, -7, -257)


def register(
    answer: dict[str, Any], expected: Expectation = EXPECTED, **changes: Any
) -> NewCredential:
    given = {"algorithms": ALGORITHMS, "root_certificates": {}, **changes}
    return verify_registration(parse_answer(answer), expected, **given)


def authenticate(key: SoftPasskey, answer: dict[str, Any], expected: Expectation = EXPECTED) -> int:
    public_key = base64.b64encode(key.cose).decode()
    return verify_authentication(parse_answer(answer), expected, public_key=public_key)


def stored(key: SoftPasskey, **changes: Any) -> Authenticator:
    values: dict[str, Any] = {
        "credential_id": base64.b64encode(key.id).decode(),
        "user_id": "ada",
        "provider_account_id": base64.b64encode(key.id).decode(),
        "credential_public_key": base64.b64encode(key.cose).decode(),
        "counter": 0,
        "credential_device_type": "singleDevice",
        "credential_backed_up": False,
    }
    return Authenticator(**values | changes)


# --- encodings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("browser", "row"), CASES["webauthnBase64"])
def test_ids_are_stored_as_auth_js_stores_them(browser: str, row: str) -> None:
    assert standard_base64(browser) == row


@pytest.mark.parametrize("text", ["A", "AQIDé", "AQ ID", "AR", "=A", "AQ=ID", "%41QID"])
def test_what_no_encoder_makes_is_no_id(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whichever part of it was at fault
        standard_base64(text)


@pytest.mark.parametrize(("row", "transports"), CASES["webauthnTransports"])
def test_transports_are_read_as_auth_js_reads_them(
    row: str | None, transports: list[str] | None
) -> None:
    assert split_transports(row) == transports


@pytest.mark.parametrize(
    ("sent", "row"),
    [
        (["internal", "hybrid"], "internal,hybrid"),
        (["smart-card", "smart-card"], "smart-card"),
        (["usb", "a,b", "", "USB", 7, None, "x" * 40], "usb"),
        ([], None),
        (None, None),
        ("usb", None),
        ({"usb": 1}, None),
    ],
)
def test_only_names_of_transports_are_stored(sent: object, row: str | None) -> None:
    assert join_transports(sent) == row


# --- options ------------------------------------------------------------------------------------


def test_a_stored_passkey_is_named_in_base64url_with_its_transports() -> None:
    row = stored(SoftPasskey(), transports="usb,ble")
    assert descriptor(row) == {
        "id": "AQID-_8BAgP7_wECA_v_AQID-_8",
        "type": "public-key",
        "transports": ["usb", "ble"],
    }
    assert "transports" not in descriptor(replace(row, transports=None))


def test_creation_options_are_those_of_simplewebauthn() -> None:
    assert creation_options(
        challenge="Y2g",
        rp=("app.example", "App"),
        user=("ab" * 32, "ada@example.com", "Ada"),
        algorithms=(-8, -7),
        timeout=300_000,
        attestation="none",
        exclude=[{"id": "AQ", "type": "public-key"}],
        attachment="platform",
        resident_key="preferred",
        user_verification="required",
        extensions={"hints": True},
    ) == {
        "challenge": "Y2g",
        "rp": {"id": "app.example", "name": "App"},
        "user": {"id": "ab" * 32, "name": "ada@example.com", "displayName": "Ada"},
        "pubKeyCredParams": [{"alg": -8, "type": "public-key"}, {"alg": -7, "type": "public-key"}],
        "timeout": 300_000,
        "attestation": "none",
        "excludeCredentials": [{"id": "AQ", "type": "public-key"}],
        "authenticatorSelection": {
            "authenticatorAttachment": "platform",
            "residentKey": "preferred",
            "requireResidentKey": False,
            "userVerification": "required",
        },
        "extensions": {"hints": True, "credProps": True},
    }


def test_request_options_leave_out_what_is_not_asked_for() -> None:
    bare = {"challenge": "Y2g", "timeout": 1000, "userVerification": "required", "rpId": "app"}
    wanted: dict[str, Any] = {
        "challenge": "Y2g",
        "rp_id": "app",
        "timeout": 1000,
        "user_verification": "required",
    }
    assert request_options(**wanted, allow=None, extensions={}) == bare
    assert request_options(**wanted, allow=[], extensions={"x": 1}) == {
        **bare,
        "allowCredentials": [],
        "extensions": {"x": 1},
    }


def test_a_decoy_stays_the_same_and_tells_nothing() -> None:
    decoy = decoy_descriptor("secret", "passkey:ada@example.com")
    assert decoy == decoy_descriptor("secret", "passkey:ada@example.com")
    assert decoy != decoy_descriptor("secret", "passkey:bob@example.com")
    assert decoy != decoy_descriptor("other", "passkey:ada@example.com")
    real = descriptor(stored(SoftPasskey(), transports="internal,hybrid"))
    assert decoy.keys() == real.keys()


def test_decoys_come_in_the_lengths_of_real_ids() -> None:
    lengths = {len(decoy_descriptor("s", f"{n}")["id"]) for n in range(40)}
    assert lengths == {22, 27, 43}


@pytest.mark.parametrize(
    ("host", "ids", "chosen"),
    [
        ("app.example", (), "app.example"),
        ("login.app.example", ("app.example",), "app.example"),
        ("app.test", ("app.example", "app.test"), "app.test"),
        ("notapp.example", ("app.example",), "app.example"),
        ("elsewhere.test", ("app.example", "app.test"), "app.example"),
        ("evil-app.test", ("other.example", "app.test"), "other.example"),
    ],
)
def test_the_relying_party_is_the_first_that_fits_the_host(
    host: str, ids: tuple[str, ...], chosen: str
) -> None:
    assert rp_id_for(host, ids) == chosen


# --- registration -------------------------------------------------------------------------------


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_new_passkey_becomes_the_fields_of_a_row(alg: int) -> None:
    key = SoftPasskey(alg, counter=3, flags=PRESENT | VERIFIED | SYNCABLE | SYNCED)
    assert register(key.register(MAKE)) == NewCredential(
        credential_id=base64.b64encode(key.id).decode(),
        public_key=base64.b64encode(key.cose).decode(),
        counter=3,
        device_type="multiDevice",
        backed_up=True,
        transports="internal,hybrid",
    )


def test_a_passkey_of_one_device_is_told_from_a_synced_one() -> None:
    made = register(SoftPasskey(transports=None).register(MAKE))
    assert (made.device_type, made.backed_up, made.transports) == ("singleDevice", False, None)


def test_any_of_several_origins_will_do() -> None:
    assert register(SoftPasskey().register(MAKE, origin="https://app.example"))


def test_user_verification_may_be_waived() -> None:
    lax = replace(EXPECTED, user_verification=False)
    key = SoftPasskey(flags=PRESENT)
    assert register(key.register(MAKE), lax)
    assert authenticate(key, key.authenticate(USE), lax) == 1


REFUSED = [
    pytest.param({"origin": "https://evil.example"}, "another origin", id="origin"),
    pytest.param({"origin": "http://localhost:3000/"}, "another origin", id="origin-with-slash"),
    pytest.param({"origin": "http://localhost"}, "another origin", id="port"),
    pytest.param({"origin": None}, "another origin", id="no-origin"),
    pytest.param({"cross_origin": True}, "frame of another site", id="cross-origin-frame"),
    pytest.param({"challenge": "AAAA"}, "another challenge", id="challenge"),
    pytest.param({"challenge": ""}, "another challenge", id="empty-challenge"),
    pytest.param({"challenge": 7}, "another challenge", id="challenge-that-is-no-text"),
    pytest.param({"kind": "payment.get"}, "another type", id="type"),
    pytest.param({"rp_id": "evil.example"}, "another relying party", id="rp-id"),
    pytest.param({"flags": VERIFIED}, "nobody was present", id="not-present"),
    pytest.param({"flags": PRESENT}, "did not check who holds it", id="not-verified"),
    pytest.param({"flags": PRESENT | VERIFIED | SYNCED}, "InvalidBackupFlags", id="backup-flags"),
    pytest.param({"response": {"clientDataJSON": 7}}, "no client data", id="client-data-missing"),
    pytest.param({"response": {"clientDataJSON": "e30"}}, "another type", id="client-data-empty"),
    pytest.param({"response": {"clientDataJSON": "!!"}}, "cannot be read", id="client-data-junk"),
    pytest.param({"response": {"clientDataJSON": "W10"}}, "cannot be read", id="client-data-list"),
    pytest.param({"credential": {"response": None}}, "no client data", id="no-response"),
    pytest.param({"credential": {"type": "password"}}, "InvalidJSON", id="credential-type"),
    pytest.param({"credential": {"rawId": "AAAA"}}, "Response", id="two-ids"),
]


@pytest.mark.parametrize(("changes", "reason"), REFUSED)
def test_a_bad_registration_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(WebAuthnVerificationError, match=reason):
        register(SoftPasskey().register(MAKE, **changes))


@pytest.mark.parametrize(("changes", "reason"), REFUSED)
def test_a_bad_sign_in_is_refused(changes: dict[str, Any], reason: str) -> None:
    key = SoftPasskey()
    with pytest.raises(WebAuthnVerificationError, match=reason):
        authenticate(key, key.authenticate(USE, **changes))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "webauthn.get"}, "another type than webauthn.create"),
        ({"fmt": "none", "statement": {"alg": -7, "sig": b"x"}}, "InvalidRegistrationResponse"),
        ({"fmt": "made-up"}, "not made as it should be"),
        ({"claimed_id": b"x" * 1024}, "too long"),
        ({"response": {"attestationObject": "AAAA"}}, "not made as it should be"),
        ({"response": {"attestationObject": None}}, "not made as it should be"),
    ],
)
def test_a_registration_is_refused_for_what_only_it_has(
    changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(WebAuthnVerificationError, match=reason):
        register(SoftPasskey().register(MAKE, **changes))


def test_an_algorithm_that_was_not_offered_is_refused() -> None:
    with pytest.raises(WebAuthnVerificationError):
        register(SoftPasskey(-257).register(MAKE), algorithms=(-8, -7))


def test_the_id_must_be_the_one_that_the_authenticator_attested() -> None:
    key = SoftPasskey()
    other = {"id": "b3RoZXI", "rawId": "b3RoZXI"}
    with pytest.raises(WebAuthnVerificationError, match="two different ids"):
        register(key.register(MAKE, credential=other))


def test_an_attestation_is_checked_if_there_is_one() -> None:
    # "packed" signs the ceremony with the passkey itself; here nothing was signed.
    lie = {"fmt": "packed", "statement": {"alg": -7, "sig": b"\x30\x06\x02\x01\x01\x02\x01\x01"}}
    with pytest.raises(WebAuthnVerificationError):
        register(SoftPasskey().register(MAKE, **lie))


# --- sign-in ------------------------------------------------------------------------------------


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_sign_in_yields_the_new_counter(alg: int) -> None:
    key = SoftPasskey(alg, counter=41)
    assert authenticate(key, key.authenticate(USE)) == 42


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_spoilt_signature_is_refused(alg: int) -> None:
    key = SoftPasskey(alg)
    with pytest.raises(WebAuthnVerificationError, match="signature does not hold"):
        authenticate(key, key.authenticate(USE, spoil=True))


def test_another_key_is_refused() -> None:
    with pytest.raises(WebAuthnVerificationError, match="signature does not hold"):
        authenticate(SoftPasskey(), SoftPasskey().authenticate(USE))


def test_a_registration_is_no_sign_in() -> None:
    key = SoftPasskey()
    with pytest.raises(WebAuthnVerificationError, match="type than webauthn"):
        authenticate(key, key.register(MAKE))


@pytest.mark.parametrize(
    "response",
    [
        {"authenticatorData": ""},
        {"authenticatorData": "AAAA"},
        {"authenticatorData": None},
        {"signature": None},
        {"signature": "AAAA"},
        {"userHandle": 7},
    ],
)
def test_a_sign_in_that_lacks_a_part_is_refused(response: dict[str, Any]) -> None:
    key = SoftPasskey()
    with pytest.raises(WebAuthnVerificationError):
        authenticate(key, key.authenticate(USE, response=response))


def test_signatures_with_a_short_half_verify() -> None:
    # DER drops leading zeros: one in 128 signatures has a number of less than 32 bytes.
    key = SoftPasskey(key=ec.derive_private_key(7, ec.SECP256R1()))
    seen = set()
    for _ in range(4000):
        answer = key.authenticate(USE)
        signature = base64.urlsafe_b64decode(answer["response"]["signature"] + "==")
        if min(signature[3], signature[5 + signature[3]]) < 32:
            assert authenticate(key, answer) == key.counter
            seen.add(len(signature))
            break
    assert seen, "no signature was short"


def test_a_stored_key_that_is_no_key_refuses_all() -> None:
    answer = parse_answer(SoftPasskey().authenticate(USE))
    for junk in ("", "AAAA", "oA=="):
        with pytest.raises(WebAuthnVerificationError):
            verify_authentication(answer, EXPECTED, public_key=junk)


@pytest.mark.parametrize(
    ("before", "now", "back"),
    [(0, 0, False), (0, 1, False), (5, 6, False), (5, 5, True), (5, 4, True), (5, 0, True)],
)
def test_a_counter_may_only_go_up_unless_the_passkey_does_not_count(
    before: int, now: int, back: bool
) -> None:
    assert counter_went_back(before, now) == back


def test_errors_repeat_nothing_that_was_sent() -> None:
    key = SoftPasskey()
    bad = [
        key.authenticate(USE, origin="https://evil.example\nFORGED LINE"),
        key.authenticate(USE, challenge="FORGED"),
        key.authenticate(USE, kind="FORGED"),
        key.authenticate(USE, response={"signature": "FORGED!"}),
    ]
    for answer in bad:
        with pytest.raises(WebAuthnVerificationError) as caught:
            authenticate(key, answer)
        assert "FORGED" not in str(caught.value)
        assert caught.value.__cause__ is None


# --- ceremonies that Auth.js' library accepted ----------------------------------------------------


def recorded(part: dict[str, Any]) -> Expectation:
    return Expectation(
        challenge=part["options"]["challenge"],
        rp_id=RECORDED["rpId"],
        origins=(RECORDED["origin"],),
        user_verification=True,
    )


@pytest.mark.parametrize("ceremony", RECORDED["ceremonies"], ids=lambda case: str(case["name"]))
def test_a_recorded_registration_makes_the_same_row(ceremony: dict[str, Any]) -> None:
    made = register(ceremony["registration"]["answer"], recorded(ceremony["registration"]))
    row = ceremony["row"]
    assert made == NewCredential(
        credential_id=row["credentialID"],
        public_key=row["credentialPublicKey"],
        counter=row["counter"],
        device_type=row["credentialDeviceType"],
        backed_up=row["credentialBackedUp"],
        transports=row.get("transports"),
    )


@pytest.mark.parametrize("ceremony", RECORDED["ceremonies"], ids=lambda case: str(case["name"]))
def test_a_passkey_registered_through_auth_js_signs_in(ceremony: dict[str, Any]) -> None:
    key = ceremony["row"]["credentialPublicKey"]
    counters = []
    for part in ceremony["signIns"]:
        answer = parse_answer(json.dumps(part["answer"]))
        assert answer.credential_id == ceremony["row"]["credentialID"]
        counters.append(verify_authentication(answer, recorded(part), public_key=key))
    assert counters == [part["counter"] for part in ceremony["signIns"]]


@pytest.mark.parametrize("ceremony", RECORDED["ceremonies"], ids=lambda case: str(case["name"]))
def test_options_are_the_recorded_ones(ceremony: dict[str, Any]) -> None:
    theirs = ceremony["registration"]["options"]
    user = theirs["user"]
    assert theirs == creation_options(
        challenge=theirs["challenge"],
        rp=(theirs["rp"]["id"], theirs["rp"]["name"]),
        user=(user["id"], user["name"], user["displayName"]),
        algorithms=ALGORITHMS,
        timeout=300_000,
        attestation="none",
        exclude=[],
        attachment=None,
        resident_key="required",
        user_verification="required",
        extensions={},
    )
    row = ceremony["row"]
    passkey = stored(
        SoftPasskey(), credential_id=row["credentialID"], transports=row.get("transports")
    )
    theirs = ceremony["signIns"][0]["options"]
    assert theirs == request_options(
        challenge=theirs["challenge"],
        rp_id="localhost",
        timeout=300_000,
        user_verification="required",
        allow=[descriptor(passkey)],
        extensions={},
    )


# --- anything at all ----------------------------------------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(json_values | st.text() | st.dictionaries(st.just("id"), json_values))
def test_anything_but_a_credential_is_a_value_error(sent: Any) -> None:
    try:
        answer = parse_answer(sent)
    except ValueError:
        return
    assert isinstance(answer, Answer)
    assert answer.json["id"]


@pytest.mark.parametrize(
    "sent", ["", "{", "null", "[]", '{"id":7}', '{"id":""}', '{"id":NaN}', "[" * 10**5, None, 7, []]
)
def test_such_as_these(sent: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whichever part of it was at fault
        parse_answer(sent)


KEY = SoftPasskey()
PARTS = {
    "register": ["clientDataJSON", "attestationObject"],
    "authenticate": ["clientDataJSON", "authenticatorData", "signature"],
}


@pytest.mark.parametrize("ceremony", sorted(PARTS))
@given(st.data())
def test_a_credential_with_a_wrong_part_is_refused_and_never_crashes(
    ceremony: str, data: st.DataObject
) -> None:
    answer = KEY.register(MAKE) if ceremony == "register" else KEY.authenticate(USE)
    inside = answer["response"]
    part = data.draw(st.sampled_from([*PARTS[ceremony], "type", "rawId", "response"]))
    where = inside if part in inside else answer
    junk = data.draw(json_values | st.binary().map(b64u))
    if junk == where[part]:
        return
    where[part] = junk
    with pytest.raises(WebAuthnVerificationError):
        register(answer) if ceremony == "register" else authenticate(KEY, answer)


@given(st.binary(max_size=300))
def test_no_attestation_object_crashes(junk: bytes) -> None:
    encoded = base64.urlsafe_b64encode(junk).rstrip(b"=").decode()
    answer = KEY.register(MAKE, response={"attestationObject": encoded})
    with pytest.raises(WebAuthnVerificationError):
        register(answer)
