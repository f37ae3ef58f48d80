"""The scripts for browsers: passkeys cannot do without, and an app's own pages may like one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

__all__ = ["CLIENT_SCRIPT", "CLIENT_TYPES", "PASSKEY_SCRIPT", "Script"]


@dataclass(frozen=True, slots=True)
class Script:
    """A file of ours and the name of its version."""

    body: bytes = field(repr=False)
    version: str
    """Changes with the file; for the address."""

    @property
    def etag(self) -> str:
        """RFC 9110 §8.8.3."""
        return f'"{self.version}"'


def _load(name: str) -> Script:
    body = Path(__file__).with_name(name).read_bytes()
    return Script(body, hashlib.sha256(body).hexdigest()[:16])


CLIENT_SCRIPT: Final = _load("client.js")
CLIENT_TYPES: Final = _load("client.d.ts")
PASSKEY_SCRIPT: Final = _load("webauthn.js")
