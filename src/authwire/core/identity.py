"""What a sign-in yields: first a proof, then an identity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic

from authwire.models import Account, Authenticator, TokenSet, U
from authwire.providers._types import Profile

__all__ = ["Identity", "Proof"]


@dataclass(frozen=True, kw_only=True)
class Proof(Generic[U]):
    """Somebody showed who they are. Not yet: that they may come in, or whose account it is."""

    user: U
    """The user as the provider tells, under a fresh id; or the stored one (e-mail)."""
    account: Account
    tokens: TokenSet | None = field(default=None, repr=False)
    profile: Profile | None = field(default=None, repr=False)
    credentials: Mapping[str, Any] | None = field(default=None, repr=False)
    authenticator: Authenticator | None = None
    """A passkey that was just made, to be stored for whoever the user turns out to be."""


@dataclass(frozen=True, kw_only=True)
class Identity(Generic[U]):
    """Who is to be signed in."""

    user: U
    account: Account
    tokens: TokenSet | None = field(default=None, repr=False)
    profile: Profile | None = field(default=None, repr=False)
    is_new_user: bool | None = False
    """None where it cannot be known (credentials)."""
    keep_session: bool = False
    """The user is signed in already and stays so."""
