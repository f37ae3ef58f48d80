"""The data model of Auth.js, in Python names. ``wire.py`` holds the names on the wire.

Values are frozen; change one with `dataclasses.replace`. Add fields of your own by subclassing
`User` (keyword-only, with a default)::

    @dataclass(frozen=True, kw_only=True)
    class Member(User):
        role: str = "member"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal

from typing_extensions import TypeVar

__all__ = [
    "JSON",
    "Account",
    "AdapterSession",
    "Authenticator",
    "ProviderType",
    "Session",
    "TokenSet",
    "U",
    "User",
    "VerificationToken",
]

ProviderType = Literal["oauth", "oidc", "email", "credentials", "webauthn"]
JSON = dict[str, Any]
"""A JSON object whose fields the app decides: token claims, a session body."""


@dataclass(frozen=True, kw_only=True)
class User:
    """Somebody who can sign in."""

    id: str = ""
    """Our own id. In what a provider's ``profile`` returns: the account id at the provider."""
    name: str | None = None
    email: str | None = None
    """Unique where present, lower case."""
    email_verified: datetime | None = None
    """When the user last proved to own ``email``; time-zone aware."""
    image: str | None = None


U = TypeVar("U", bound=User, default=User)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSet:
    """A provider's token response (RFC 6749 §5.1), validated."""

    access_token: str | None = field(default=None, repr=False)
    token_type: str | None = None
    """Lower case: ``bearer`` or ``dpop``."""
    refresh_token: str | None = field(default=None, repr=False)
    id_token: str | None = field(default=None, repr=False)
    scope: str | None = None
    expires_in: int | None = None
    """Seconds from the response on."""
    expires_at: int | None = None
    """Unix time in seconds."""
    session_state: str | None = field(default=None, repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What else the provider sent, under its own names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A way in that a user has: one row for each provider they linked."""

    user_id: str = ""
    type: ProviderType
    provider: str
    provider_account_id: str
    """The user's immutable id at the provider; (provider, provider_account_id) is unique."""
    access_token: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    id_token: str | None = field(default=None, repr=False)
    token_type: str | None = None
    scope: str | None = None
    expires_at: int | None = None
    """Unix time in seconds at which ``access_token`` expires."""
    session_state: str | None = field(default=None, repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Other fields that the provider's ``account`` hook chose to keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterSession:
    """A row of the session table."""

    session_token: str = field(repr=False)
    user_id: str
    expires: datetime
    """Time-zone aware."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationToken:
    """A magic link that was sent and not used yet."""

    identifier: str
    """The normalised e-mail address."""
    token: str = field(repr=False)
    """``sha256hex(token + secret)``: the token itself is only in the mail."""
    expires: datetime
    """Time-zone aware."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticator:
    """A passkey (WebAuthn credential)."""

    credential_id: str
    """Standard base64, padded."""
    user_id: str
    provider_account_id: str
    """The credential id again."""
    credential_public_key: str
    """COSE key, standard base64, padded."""
    counter: int
    credential_device_type: Literal["singleDevice", "multiDevice"]
    credential_backed_up: bool
    transports: str | None = None
    """Comma-joined, such as ``internal,hybrid``."""
    name: str | None = None
    """What its owner calls it. Auth.js' tables have no column for it; it is not kept then."""


@dataclass(frozen=True, kw_only=True)
class Session(Generic[U]):
    """Who is signed in, as app code reads it."""

    user: U
    """With database sessions the whole row; with JWT sessions what the token carries."""
    expires: datetime
    """When the session ends if it is not used again; time-zone aware."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """What the browser sees at ``/session``: the result of the ``session`` callback."""
    claims: Mapping[str, Any] | None = field(default=None, repr=False)
    """The decrypted token; None with database sessions."""
    session_token: str | None = field(default=None, repr=False)
    """The row's key; None with JWT sessions."""
