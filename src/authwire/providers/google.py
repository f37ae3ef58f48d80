"""Google.

https://developers.google.com/identity/openid-connect/openid-connect
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OIDC, OAuth2Options, Style

__all__ = ["Google", "GoogleProfile"]


class GoogleProfile(TypedDict):
    """Claims of the ID token that are read."""

    sub: str
    name: NotRequired[str]
    email: NotRequired[str]
    email_verified: NotRequired[bool]
    picture: NotRequired[str]


def Google(**options: Unpack[OAuth2Options]) -> OIDC[GoogleProfile]:
    """Sign in with Google. An address that Google calls unverified is not taken."""
    return OIDC(
        id="google",
        name="Google",
        issuer="https://accounts.google.com",
        profile=_user,
        style=Style(brand="#1a73e8"),
    ).override(options)


def _user(profile: GoogleProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=first_text(profile, "name"),
        email=trusted_email(profile),
        image=first_text(profile, "picture"),
    )
