"""Clever.

https://dev.clever.com/docs/the-userinfo-endpoint
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import full_name
from authwire.providers._profile import account_id, trusted_email
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Clever", "CleverProfile"]


class CleverProfile(TypedDict):
    """Fields of ``GET /userinfo`` that are read."""

    sub: str
    given_name: NotRequired[str]
    family_name: NotRequired[str]
    email: NotRequired[str]
    email_verified: NotRequired[bool]


def Clever(**options: Unpack[OAuth2Options]) -> OAuth2[CleverProfile]:
    """Sign in with Clever. An address that Clever calls unverified is not taken.

    The account id is that of the person in all roles (API 3.0), such as teacher and parent.
    """
    return OAuth2(
        id="clever",
        name="Clever",
        authorization="https://clever.com/oauth/authorize",
        token="https://clever.com/oauth/tokens",
        userinfo="https://api.clever.com/userinfo",
        scope="",
        checks=("state",),
        profile=_user,
        style=Style(brand="#1464FF"),
    ).override(options)


def _user(profile: CleverProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=full_name(profile, "given_name", "family_name"),
        email=trusted_email(profile),
    )
