"""Apple's client secret: a token signed with a key of your developer account.

https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from authwire.errors import ProtocolError
from authwire.protocol.jws import sign
from authwire.protocol.keys import SigningKey, load_signing_key

__all__ = ["AppleSecret"]

_LIFE = 300
"""Seconds. Apple takes up to six months; a stolen one should be worth little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppleSecret:
    """Makes a fresh client secret each time it is called with the time."""

    team_id: str
    key: SigningKey = field(repr=False)
    client_id: str = ""

    @classmethod
    def from_pem(cls, pem: str, *, team_id: str, key_id: str) -> Self:
        """With the key of a ``.p8`` file.

        Raises:
            ValueError: if it is no P-256 private key.
        """
        try:
            # An environment variable often holds it in one line, each line break written as \n.
            key = load_signing_key(pem.replace("\\n", "\n"))
        except ProtocolError as exc:
            raise ValueError("Apple: private_key cannot be read as a private key") from exc
        if key.alg != "ES256":
            raise ValueError("Apple: private_key is no P-256 key")
        return cls(team_id=team_id, key=replace(key, kid=key_id))

    def __call__(self, now: datetime) -> str:
        issued = int(now.timestamp())
        claims = {
            "iss": self.team_id,
            "sub": self.client_id,
            "aud": "https://appleid.apple.com",
            "iat": issued,
            "exp": issued + _LIFE,
        }
        return sign(claims, self.key)
