"""What can be chosen about passkeys. Names follow WebAuthn Level 3.

https://www.w3.org/TR/webauthn-3/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal, TypeAlias

from authwire.models import User

__all__ = [
    "CEREMONY_TIMEOUT",
    "AuthenticationOptions",
    "RegistrationOptions",
    "RelyingParty",
    "UserInfo",
    "UserVerification",
    "VerifyAuthenticationOptions",
    "VerifyRegistrationOptions",
]

CEREMONY_TIMEOUT: Final = timedelta(minutes=5)
"""How long a browser waits for the user's finger, unless chosen otherwise."""

UserVerification: TypeAlias = Literal["required", "preferred", "discouraged"]
"""Whether the authenticator shall check who holds it: by finger, face or PIN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelyingParty:
    """For whom passkeys are made. Passkeys of one id cannot be used with another."""

    id: str | Sequence[str] | None = None
    """A domain without port, such as ``app.example``: the host of the pages, or a parent of it.
    Default: the request's host. Of several the first counts that fits the request, else the first."""
    name: str | None = None
    """Shown by some browsers. Default: the request's host."""
    origins: str | Sequence[str] = ()
    """Where ceremonies may take place, such as ``https://login.app.example``, or a native app's
    ``android:apk-key-hash:…``. Compared character by character. Default: the request's origin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationOptions:
    """What is asked of a browser that makes a passkey (§5.4)."""

    timeout: timedelta = CEREMONY_TIMEOUT
    attestation: Literal["none", "indirect", "direct", "enterprise"] = "none"
    """Proof of the authenticator's make. Needed only by those who allow certain makes."""
    authenticator_attachment: Literal["platform", "cross-platform"] | None = None
    """Only what is built in, or only what is plugged in or held near. Default: both."""
    resident_key: Literal["required", "preferred", "discouraged"] = "preferred"
    """Whether the passkey can be found without knowing whose it is (autofill needs that)."""
    user_verification: UserVerification = "preferred"
    algorithms: tuple[int, ...] = (-8, -7, -257)
    """COSE numbers, best first: Ed25519, ES256, RS256. Others are refused."""
    extensions: Mapping[str, Any] = field(default_factory=dict)
    """Beside ``credProps``, which is always asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticationOptions:
    """What is asked of a browser that signs in with a passkey (§5.5)."""

    timeout: timedelta = CEREMONY_TIMEOUT
    user_verification: UserVerification = "preferred"
    extensions: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyRegistrationOptions:
    """How strictly a new passkey is judged."""

    require_user_verification: bool = True
    """Refuse a passkey whose authenticator did not check who held it."""
    root_certificates: Mapping[str, Sequence[bytes]] = field(default_factory=dict)
    """PEM roots by attestation format (``packed``, ``tpm``, …) that an attestation must lead to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyAuthenticationOptions:
    """How strictly a sign-in is judged."""

    require_user_verification: bool = True
    """Refuse a sign-in whose authenticator did not check who held it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserInfo:
    """Whom a request for passkey options is about."""

    user: User
    """Stored, or as it would be stored. A new one needs an ``email`` or a ``name``."""
    exists: bool
    """Whether it is stored. If in doubt True: new users may be made by anybody."""
