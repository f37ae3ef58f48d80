"""Mozilla accounts, formerly Firefox accounts.

https://mozilla.github.io/ecosystem-platform/relying-parties/tutorials/integrating-with-fxa
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Mozilla", "MozillaProfile"]


class MozillaProfile(TypedDict):
    """Fields of ``GET /v1/profile`` that are read."""

    uid: str
    displayName: NotRequired[str]
    email: NotRequired[str]
    avatar: NotRequired[str]


def Mozilla(**options: Unpack[OAuth2Options]) -> OAuth2[MozillaProfile]:
    """Sign in with a Mozilla account. Mozilla itself registers the clients."""
    return OAuth2(
        id="mozilla",
        name="Mozilla",
        issuer="https://accounts.firefox.com",
        authorization="https://accounts.firefox.com/authorization",
        token="https://oauth.accounts.firefox.com/v1/token",
        userinfo="https://profile.accounts.firefox.com/v1/profile",
        scope="profile",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#000"),
    ).override(options)


def _user(profile: MozillaProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "uid"),
        name=first_text(profile, "displayName"),
        email=first_text(profile, "email"),
        image=first_text(profile, "avatar"),
    )
