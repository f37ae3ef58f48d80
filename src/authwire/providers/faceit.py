"""FACEIT.

https://docs.faceit.com/
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["FACEIT", "FACEITProfile"]


class FACEITProfile(TypedDict):
    """Fields of the userinfo answer that are read."""

    guid: str
    name: NotRequired[str]
    nickname: NotRequired[str]
    email: NotRequired[str]
    email_verified: NotRequired[bool]
    picture: NotRequired[str]


def FACEIT(**options: Unpack[OAuth2Options]) -> OAuth2[FACEITProfile]:
    """Sign in with FACEIT."""
    return OAuth2(
        id="faceit",
        name="FACEIT",
        authorization="https://accounts.faceit.com/accounts",
        token="https://api.faceit.com/auth/v1/oauth/token",
        userinfo="https://api.faceit.com/auth/v1/resources/userinfo",
        params={"redirect_popup": "true"},
        profile=_user,
        style=Style(brand="#ff5500"),
    ).override(options)


def _user(profile: FACEITProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "guid"),
        name=first_text(profile, "name", "nickname"),
        email=trusted_email(profile),
        image=first_text(profile, "picture"),
    )
