"""An authenticator in software. It does as it is told, so that it can be told to misbehave."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, SYNCABLE, SYNCED, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40
KEYS: Mapping[int, Any] = {
    -7: lambda: ec.generate_private_key(ec.SECP256R1()),
    -8: ed25519.Ed25519PrivateKey.generate,
    -257: lambda: rsa.generate_private_key(65537, 2048),
}
ORIGIN = "http://localhost:3000"


def b64u(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


@dataclass
class SoftPasskey:
    """A passkey for one account. ``counter`` goes up at each sign-in, if ``counts``."""

    alg: int = -7
    id: bytes = b"\x01\x02\x03\xfb\xff" * 4
    counter: int = 0
    counts: bool = True
    flags: int = PRESENT | VERIFIED
    key: Any = None
    transports: Any = field(default_factory=lambda: ["internal", "hybrid"])

    def __post_init__(self) -> None:
        if self.key is None:
            self.key = KEYS[self.alg]()

    @property
    def cose(self) -> bytes:
        """The public key (RFC 9053)."""
        public = self.key.public_key()
        if self.alg == -8:
            return cbor2.dumps({1: 1, 3: -8, -1: 6, -2: public.public_bytes_raw()})
        numbers = public.public_numbers()
        if self.alg == -7:
            x, y = (n.to_bytes(32, "big") for n in (numbers.x, numbers.y))
            return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        return cbor2.dumps({1: 3, 3: -257, -1: _bytes(numbers.n), -2: _bytes(numbers.e)})

    def sign(self, data: bytes) -> bytes:
        if self.alg == -7:
            signature: bytes = self.key.sign(data, ec.ECDSA(SHA256()))
        elif self.alg == -8:
            signature = self.key.sign(data)
        else:
            signature = self.key.sign(data, padding.PKCS1v15(), SHA256())
        return signature

    def register(self, options: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        """Answer creation options; `_client_data` and `_auth_data` tell the changes."""
        client = _client_data("webauthn.create", options, changes)
        rp_id = changes.pop("rp_id", options["rp"]["id"])
        claimed = changes.pop("claimed_id", self.id)
        attested = bytes(16) + len(claimed).to_bytes(2, "big") + claimed + self.cose
        data = self._auth_data(rp_id, changes, attested)
        statement = changes.pop("statement", {})
        attestation = {"fmt": changes.pop("fmt", "none"), "attStmt": statement, "authData": data}
        response: dict[str, Any] = {
            "clientDataJSON": b64u(client),
            "attestationObject": b64u(cbor2.dumps(attestation)),
        }
        if self.transports is not None:
            response["transports"] = self.transports
        return self._credential(response, changes, claimed)

    def authenticate(self, options: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        """Answer request options."""
        if self.counts and "counter" not in changes:
            self.counter += 1
        client = _client_data("webauthn.get", options, changes)
        data = self._auth_data(changes.pop("rp_id", options["rpId"]), changes)
        signature = self.sign(data + hashlib.sha256(client).digest())
        if changes.pop("spoil", False):
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        response = {
            "clientDataJSON": b64u(client),
            "authenticatorData": b64u(data),
            "signature": b64u(signature),
            "userHandle": None,
        }
        return self._credential(response, changes, changes.pop("claimed_id", self.id))

    def _auth_data(self, rp_id: str, changes: dict[str, Any], attested: bytes = b"") -> bytes:
        flags = changes.pop("flags", self.flags) | (ATTESTED if attested else 0)
        counter = changes.pop("counter", self.counter)
        rp_id_hash = hashlib.sha256(rp_id.encode()).digest()
        return rp_id_hash + bytes([flags]) + counter.to_bytes(4, "big") + attested

    def _credential(
        self, response: dict[str, Any], changes: dict[str, Any], claimed: bytes
    ) -> dict[str, Any]:
        response |= changes.pop("response", {})
        out = {
            "id": b64u(claimed),
            "rawId": b64u(claimed),
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        } | changes.pop("credential", {})
        assert not changes, f"not understood: {changes}"
        return out


def _client_data(kind: str, options: Mapping[str, Any], changes: dict[str, Any]) -> bytes:
    said = {
        "type": changes.pop("kind", kind),
        "challenge": changes.pop("challenge", options["challenge"]),
        "origin": changes.pop("origin", ORIGIN),
        "crossOrigin": changes.pop("cross_origin", False),
    }
    return json.dumps(said, separators=(",", ":")).encode()
