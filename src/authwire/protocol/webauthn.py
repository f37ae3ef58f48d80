"""Passkey ceremonies as pure functions: options out, judged answers in.

https://www.w3.org/TR/webauthn-3/. The JSON is that of §5.1.8 to §5.1.10, which browsers read and write
with ``parseCreationOptionsFromJSON`` and ``toJSON``. Signatures, keys and attestations are judged by
py_webauthn; what a visitor can get wrong is looked at first, so that the log tells it in plain words.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn

from authwire.errors import WebAuthnVerificationError
from authwire.models import JSON, Authenticator
from authwire.protocol.encoding import b64u_decode, b64u_encode, json_object, same_text

if TYPE_CHECKING:
    from types import ModuleType

__all__ = [
    "Answer",
    "Expectation",
    "NewCredential",
    "counter_went_back",
    "creation_options",
    "decoy_descriptor",
    "descriptor",
    "join_transports",
    "load_library",
    "parse_answer",
    "request_options",
    "rp_id_for",
    "split_transports",
    "standard_base64",
    "verify_authentication",
    "verify_registration",
]

MAX_CREDENTIAL_ID: Final = 1023
"""Bytes (§7.1 step 25)."""
_TRANSPORT: Final = re.compile(r"[a-z][a-z-]{0,31}\Z")
_UP: Final = 0x01
_UV: Final = 0x04
_DECOY_LENGTHS: Final = (16, 20, 32)
"""Bytes in the credential ids of widespread authenticators."""


def load_library() -> ModuleType:
    """py_webauthn. Its import takes a quarter of a second, so start-up does it once.

    Raises:
        ModuleNotFoundError: if the extra ``webauthn`` is not installed.
    """
    import webauthn

    return webauthn


# --- encodings ----------------------------------------------------------------------------------


def standard_base64(text: str) -> str:
    """An id from a browser (base64url) as it is stored: standard base64 with padding.

    Raises:
        ValueError: if it is neither.
    """
    return _to_base64(_decode(text))


def _decode(text: str) -> bytes:
    return b64u_decode(text.rstrip("=").replace("+", "-").replace("/", "_").encode("ascii"))


def _to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _to_base64url(data: bytes) -> str:
    return b64u_encode(data).decode()


def split_transports(stored: str | None) -> list[str] | None:
    """``internal,hybrid`` as a list; None if nothing is known."""
    return stored.split(",") if stored else None


def join_transports(transports: object) -> str | None:
    """How a browser says the authenticator can be reached, as it is stored. What is no name is left out."""
    if not isinstance(transports, list):
        return None
    names = [name for name in transports if isinstance(name, str) and _TRANSPORT.match(name)]
    return ",".join(dict.fromkeys(names[:8])) or None


# --- options ------------------------------------------------------------------------------------


def descriptor(authenticator: Authenticator) -> JSON:
    """How options name a stored passkey (§5.8.3)."""
    credential_id = _to_base64url(base64.b64decode(authenticator.credential_id))
    found: JSON = {"id": credential_id, "type": "public-key"}
    transports = split_transports(authenticator.transports)
    return found if transports is None else found | {"transports": transports}


def decoy_descriptor(secret: str, subject: str) -> JSON:
    """A passkey that does not exist: always the same for one subject, like any other to strangers."""
    key = b"authwire passkey decoy\0" + secret.encode("utf-8", "replace")
    noise = hmac.new(key, subject.encode("utf-8", "replace"), hashlib.sha512).digest()
    length = _DECOY_LENGTHS[noise[0] % len(_DECOY_LENGTHS)]
    return {
        "id": _to_base64url(noise[1 : 1 + length]),
        "type": "public-key",
        "transports": ["internal", "hybrid"],
    }


def creation_options(
    *,
    challenge: str,
    rp: tuple[str, str],
    user: tuple[str, str, str],
    algorithms: Sequence[int],
    timeout: int,
    attestation: str,
    exclude: Sequence[JSON],
    attachment: str | None,
    resident_key: str,
    user_verification: str,
    extensions: Mapping[str, Any],
) -> JSON:
    """For ``navigator.credentials.create`` (§5.4), in the shape of @simplewebauthn/server 9.

    Args:
        challenge: base64url.
        rp: id and name of the relying party.
        user: handle, name and display name; the handle is random and tells nothing.
        algorithms: COSE numbers, best first.
        timeout: milliseconds.
        attestation: what proof of its make the authenticator shall give.
        exclude: passkeys that the user has already.
        attachment: ``platform``, ``cross-platform`` or None.
        resident_key: whether it shall be found without a name.
        user_verification: whether the authenticator shall check its holder.
        extensions: more inputs for the browser.
    """
    selection: JSON = {"residentKey": resident_key, "userVerification": user_verification}
    if attachment is not None:
        selection["authenticatorAttachment"] = attachment
    return {
        "challenge": challenge,
        "rp": {"name": rp[1], "id": rp[0]},
        "user": {"id": user[0], "name": user[1], "displayName": user[2]},
        "pubKeyCredParams": [{"alg": number, "type": "public-key"} for number in algorithms],
        "timeout": timeout,
        "attestation": attestation,
        "excludeCredentials": list(exclude),
        # For browsers of WebAuthn Level 1, which don't know residentKey.
        "authenticatorSelection": selection | {"requireResidentKey": resident_key == "required"},
        "extensions": {**extensions, "credProps": True},
    }


def request_options(
    *,
    challenge: str,
    rp_id: str,
    timeout: int,
    user_verification: str,
    allow: Sequence[JSON] | None,
    extensions: Mapping[str, Any],
) -> JSON:
    """For ``navigator.credentials.get`` (§5.5).

    Args:
        challenge: base64url.
        rp_id: id of the relying party.
        timeout: milliseconds.
        user_verification: whether the authenticator shall check its holder.
        allow: the passkeys of a known user; None asks for any that the authenticator can find.
        extensions: more inputs for the browser.
    """
    options: JSON = {"challenge": challenge}
    if allow is not None:
        options["allowCredentials"] = list(allow)
    options |= {"timeout": timeout, "userVerification": user_verification}
    if extensions:
        options["extensions"] = dict(extensions)
    return options | {"rpId": rp_id}


def rp_id_for(host: str, ids: Sequence[str]) -> str:
    """The relying party id for pages on ``host`` (without port): the first that may be used there.

    If none fits, the first: browsers allow that where the id's own host says so (§5.11).
    """
    fitting = (rp_id for rp_id in ids if host == rp_id or host.endswith(f".{rp_id}"))
    return next(fitting, ids[0] if ids else host)


# --- answers ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """A credential as a browser sends it, not verified yet."""

    json: JSON = field(repr=False)
    credential_id: str
    """Standard base64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What an answer must fit."""

    challenge: str
    """base64url, as it was sent."""
    rp_id: str
    origins: Sequence[str]
    user_verification: bool
    """Whether the authenticator must have checked its holder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCredential:
    """A passkey that was just made, as Auth.js stores it."""

    credential_id: str
    public_key: str
    counter: int
    device_type: Literal["singleDevice", "multiDevice"]
    backed_up: bool
    transports: str | None


def parse_answer(sent: object) -> Answer:
    """Read the credential that a browser sent.

    Args:
        sent: JSON text (Auth.js' clients), or the object itself.

    Raises:
        ValueError: if it is no credential.
    """
    answer = json_object(sent.encode()) if isinstance(sent, str) else sent
    if not isinstance(answer, dict) or not isinstance(answer.get("id"), str) or not answer["id"]:
        raise ValueError("no credential with an id")
    return Answer(answer, standard_base64(answer["id"]))


def verify_registration(
    answer: Answer,
    expected: Expectation,
    *,
    algorithms: Sequence[int],
    root_certificates: Mapping[str, Sequence[bytes]],
) -> NewCredential:
    """Judge a new passkey (§7.1).

    Raises:
        WebAuthnVerificationError: if it must not be stored. The message repeats nothing of it.
    """
    load_library()
    from webauthn import verify_registration_response
    from webauthn.helpers import base64url_to_bytes, parse_attestation_object
    from webauthn.helpers.cose import COSEAlgorithmIdentifier
    from webauthn.helpers.structs import AttestationFormat

    response = _response(answer, "webauthn.create", expected)
    try:
        attested = parse_attestation_object(base64url_to_bytes(response["attestationObject"]))
        data = attested.auth_data
        _check_flags(data.rp_id_hash, data.flags.up, data.flags.uv, expected)
        made = verify_registration_response(
            credential=answer.json,
            expected_challenge=base64url_to_bytes(expected.challenge),
            expected_rp_id=expected.rp_id,
            expected_origin=list(expected.origins),
            require_user_verification=expected.user_verification,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(number) for number in algorithms],
            pem_root_certs_bytes_by_fmt={
                AttestationFormat(name): list(roots) for name, roots in root_certificates.items()
            },
        )
    except WebAuthnVerificationError:
        raise
    except Exception as exc:  # noqa: BLE001  # hostile CBOR, keys and certificates fail in many ways
        _refuse("the passkey was not made as it should be", exc)
    if len(made.credential_id) > MAX_CREDENTIAL_ID:
        raise WebAuthnVerificationError("the credential id is too long")
    if _to_base64(made.credential_id) != answer.credential_id:
        raise WebAuthnVerificationError("the credential has two different ids")
    return NewCredential(
        credential_id=_to_base64(made.credential_id),
        public_key=_to_base64(made.credential_public_key),
        counter=made.sign_count,
        device_type=(
            "multiDevice" if made.credential_device_type == "multi_device" else "singleDevice"
        ),
        backed_up=made.credential_backed_up,
        transports=join_transports(response.get("transports")),
    )


def verify_authentication(answer: Answer, expected: Expectation, *, public_key: str) -> int:
    """Judge a sign-in by a known passkey (§7.2) and return the authenticator's new counter.

    The counter itself is left to the caller: see `counter_went_back`.

    Args:
        answer: what the browser sent.
        expected: what it must fit.
        public_key: the stored COSE key in standard base64.

    Raises:
        WebAuthnVerificationError: if it proves nothing. The message repeats nothing of it.
    """
    load_library()
    from webauthn import verify_authentication_response
    from webauthn.helpers import base64url_to_bytes

    response = _response(answer, "webauthn.get", expected)
    try:
        data = base64url_to_bytes(response["authenticatorData"])
        _check_flags(data[:32], bool(data[32] & _UP), bool(data[32] & _UV), expected)
        seen = verify_authentication_response(
            credential=answer.json,
            expected_challenge=base64url_to_bytes(expected.challenge),
            expected_rp_id=expected.rp_id,
            expected_origin=list(expected.origins),
            credential_public_key=base64.b64decode(public_key),
            # A forged answer must not be able to cry "cloned": the signature is judged first.
            credential_current_sign_count=0,
            require_user_verification=expected.user_verification,
        )
    except WebAuthnVerificationError:
        raise
    except Exception as exc:  # noqa: BLE001  # as above
        _refuse("the passkey's signature does not hold", exc)
    return seen.new_sign_count


def counter_went_back(stored: int, seen: int) -> bool:
    """Whether a passkey was used elsewhere in between, as its clone would be (§6.1.1).

    Synced passkeys don't count: theirs stays 0.
    """
    return (stored > 0 or seen > 0) and seen <= stored


def _response(answer: Answer, kind: str, expected: Expectation) -> JSON:
    """The part that the authenticator made, once type, challenge and origin fit (§7.1 steps 7 to 10)."""
    response = answer.json.get("response")
    if not isinstance(response, dict) or not isinstance(response.get("clientDataJSON"), str):
        raise WebAuthnVerificationError("the answer has no client data")
    try:
        client = json_object(_decode(response["clientDataJSON"]))
    except ValueError:
        raise WebAuthnVerificationError("the client data cannot be read") from None
    if client.get("type") != kind:
        raise WebAuthnVerificationError(f"the answer is of another type than {kind}")
    challenge = client.get("challenge")
    if not isinstance(challenge, str) or not same_text(challenge, expected.challenge):
        raise WebAuthnVerificationError("another challenge was answered")
    if client.get("origin") not in expected.origins:
        allowed = ", ".join(expected.origins)
        raise WebAuthnVerificationError(
            f"the answer was given on another origin than {allowed} · fix, if that page is yours:"
            " RelyingParty(origins=[…])"
        )
    if client.get("crossOrigin"):
        raise WebAuthnVerificationError("the answer was given in a frame of another site")
    return response


def _check_flags(rp_id_hash: bytes, present: bool, verified: bool, expected: Expectation) -> None:  # noqa: FBT001  # two flags of one byte
    """§7.1 steps 14 to 16, §7.2 steps 15 to 17."""
    if rp_id_hash != hashlib.sha256(expected.rp_id.encode()).digest():
        raise WebAuthnVerificationError(
            f"the passkey is for another relying party than {expected.rp_id}"
        )
    if not present:
        raise WebAuthnVerificationError("nobody was present at the authenticator")
    if expected.user_verification and not verified:
        raise WebAuthnVerificationError("the authenticator did not check who holds it")


def _refuse(reason: str, exc: Exception) -> NoReturn:
    # Without the cause: messages of the library repeat what was sent.
    raise WebAuthnVerificationError(f"{reason} ({type(exc).__name__})") from None
