"""Epic Games.

https://dev.epicgames.com/docs/web-api-ref/authentication
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["EpicGames", "EpicGamesProfile"]


class EpicGamesProfile(TypedDict):
    """Fields of ``GET /epic/oauth/v2/userInfo`` that are read."""

    sub: str
    preferred_username: NotRequired[str]


def EpicGames(**options: Unpack[OAuth2Options]) -> OAuth2[EpicGamesProfile]:
    """Sign in with an Epic Games account, which tells no e-mail address."""
    return OAuth2(
        id="epic-games",
        name="Epic Games",
        authorization="https://www.epicgames.com/id/authorize",
        token="https://api.epicgames.dev/epic/oauth/v2/token",
        userinfo="https://api.epicgames.dev/epic/oauth/v2/userInfo",
        scope="basic_profile",
        checks=("state",),
        profile=_user,
        style=Style(brand="#313131"),
    ).override(options)


def _user(profile: EpicGamesProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=first_text(profile, "preferred_username"),
    )
