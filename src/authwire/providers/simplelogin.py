"""SimpleLogin.

https://simplelogin.io/docs/siwsl/intro/
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OIDC, OAuth2Options, Style

__all__ = ["SimpleLogin", "SimpleLoginProfile"]


class SimpleLoginProfile(TypedDict):
    """Claims of the ID token that are read."""

    sub: str
    name: NotRequired[str]
    email: NotRequired[str]
    email_verified: NotRequired[bool]
    avatar_url: NotRequired[str | None]


def SimpleLogin(**options: Unpack[OAuth2Options]) -> OIDC[SimpleLoginProfile]:
    """Sign in with SimpleLogin. The address may be an alias that exists for this app only."""
    return OIDC(
        id="simplelogin",
        name="SimpleLogin",
        issuer="https://app.simplelogin.io",
        profile=_user,
        style=Style(brand="#e3156a"),
    ).override(options)


def _user(profile: SimpleLoginProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=first_text(profile, "name"),
        email=trusted_email(profile),
        image=first_text(profile, "avatar_url"),
    )
