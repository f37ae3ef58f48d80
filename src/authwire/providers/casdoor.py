"""Casdoor.

https://casdoor.org/docs/how-to-connect/oidc-client
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OIDC, OAuth2Options

__all__ = ["Casdoor", "CasdoorProfile"]


class CasdoorProfile(TypedDict):
    """Claims of the ID token that are read; which ones there are follows from the app's token format."""

    sub: str
    displayName: NotRequired[str]
    name: NotRequired[str]
    email: NotRequired[str]
    email_verified: NotRequired[bool]
    avatar: NotRequired[str]
    picture: NotRequired[str]


def Casdoor(**options: Unpack[OAuth2Options]) -> OIDC[CasdoorProfile]:
    """Sign in with your Casdoor. ``issuer``: ``https://<host>``.

    An address that Casdoor calls unverified is not taken.
    """
    return OIDC(
        id="casdoor",
        name="Casdoor",
        checks=("pkce", "state"),
        profile=_user,
    ).override(options)


def _user(profile: CasdoorProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=first_text(profile, "displayName", "name"),
        email=trusted_email(profile),
        image=first_text(profile, "avatar", "picture"),
    )
