"""Autodesk.

https://aps.autodesk.com/en/docs/oauth/v2/reference/http/authorize-GET/
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Autodesk", "AutodeskProfile"]


class AutodeskProfile(TypedDict):
    """Fields of ``GET /userinfo`` that are read."""

    sub: str
    name: NotRequired[str]
    preferred_username: NotRequired[str]
    email: NotRequired[str]
    email_verified: NotRequired[bool]
    picture: NotRequired[str]


def Autodesk(**options: Unpack[OAuth2Options]) -> OAuth2[AutodeskProfile]:
    """Sign in with Autodesk. An address that Autodesk calls unverified is not taken."""
    return OAuth2(
        id="autodesk",
        name="Autodesk",
        authorization="https://developer.api.autodesk.com/authentication/v2/authorize",
        token="https://developer.api.autodesk.com/authentication/v2/token",
        userinfo="https://api.userprofile.autodesk.com/userinfo",
        scope="user-profile:read",
        checks=("pkce", "state"),
        profile=_user,
        style=Style(brand="#000"),
    ).override(options)


def _user(profile: AutodeskProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=first_text(profile, "name", "preferred_username"),
        email=trusted_email(profile),
        image=first_text(profile, "picture"),
    )
