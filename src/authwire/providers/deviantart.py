"""DeviantArt.

https://www.deviantart.com/developers/authentication
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["DeviantArt", "DeviantArtProfile"]


class DeviantArtProfile(TypedDict):
    """Fields of ``GET /user/whoami`` that are read."""

    userid: str
    username: NotRequired[str]
    usericon: NotRequired[str]


def DeviantArt(**options: Unpack[OAuth2Options]) -> OAuth2[DeviantArtProfile]:
    """Sign in with DeviantArt, which tells no e-mail address."""
    return OAuth2(
        id="deviantart",
        name="DeviantArt",
        authorization="https://www.deviantart.com/oauth2/authorize",
        token="https://www.deviantart.com/oauth2/token",
        userinfo="https://www.deviantart.com/api/v1/oauth2/user/whoami",
        scope="user",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#05CC47"),
    ).override(options)


def _user(profile: DeviantArtProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "userid"),
        name=first_text(profile, "username"),
        image=first_text(profile, "usericon"),
    )
