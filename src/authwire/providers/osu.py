"""osu!

https://osu.ppy.sh/docs/#authentication
"""

from __future__ import annotations

from typing import TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Osu", "OsuProfile"]


class OsuProfile(TypedDict):
    """Fields of ``GET /api/v2/me`` that are read."""

    id: int
    username: str
    avatar_url: str


def Osu(**options: Unpack[OAuth2Options]) -> OAuth2[OsuProfile]:
    """Sign in with osu!, which tells no e-mail address."""
    return OAuth2(
        id="osu",
        name="osu!",
        authorization="https://osu.ppy.sh/oauth/authorize",
        token="https://osu.ppy.sh/oauth/token",
        userinfo="https://osu.ppy.sh/api/v2/me",
        scope="identify",
        checks=("pkce", "state"),
        profile=_user,
        style=Style(brand="#ff66aa", text="#000"),
    ).override(options)


def _user(profile: OsuProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "username"),
        image=first_text(profile, "avatar_url"),
    )
