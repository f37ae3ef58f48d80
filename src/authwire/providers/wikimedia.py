"""Wikimedia, for the accounts of Wikipedia and its sister projects.

https://www.mediawiki.org/wiki/OAuth/For_Developers
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Wikimedia", "WikimediaProfile"]


class WikimediaProfile(TypedDict):
    """Fields of the profile resource that are read."""

    sub: str
    username: str
    email: NotRequired[str]
    confirmed_email: NotRequired[bool]


def Wikimedia(**options: Unpack[OAuth2Options]) -> OAuth2[WikimediaProfile]:
    """Sign in with Wikimedia. An address that was never confirmed is not taken.

    What the app may see is chosen where it is registered, so no scope is sent.
    """
    return OAuth2(
        id="wikimedia",
        name="Wikimedia",
        authorization="https://meta.wikimedia.org/w/rest.php/oauth2/authorize",
        token="https://meta.wikimedia.org/w/rest.php/oauth2/access_token",
        userinfo="https://meta.wikimedia.org/w/rest.php/oauth2/resource/profile",
        scope="",
        profile=_user,
        style=Style(brand="#000", text="#fff"),
    ).override(options)


def _user(profile: WikimediaProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=first_text(profile, "username"),
        email=trusted_email(profile, flag="confirmed_email"),
    )
