"""Dribbble.

https://developer.dribbble.com/v2/oauth/
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Dribbble", "DribbbleProfile"]


class DribbbleProfile(TypedDict):
    """Fields of ``GET /v2/user`` that are read."""

    id: int
    name: NotRequired[str]
    email: NotRequired[str | None]
    avatar_url: NotRequired[str]


def Dribbble(**options: Unpack[OAuth2Options]) -> OAuth2[DribbbleProfile]:
    """Sign in with Dribbble."""
    return OAuth2(
        id="dribbble",
        name="Dribbble",
        authorization="https://dribbble.com/oauth/authorize",
        token="https://dribbble.com/oauth/token",
        userinfo="https://api.dribbble.com/v2/user",
        scope="public",
        checks=("pkce", "state"),
        profile=_user,
        style=Style(brand="#000", text="#fff"),
    ).override(options)


def _user(profile: DribbbleProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "name"),
        email=first_text(profile, "email"),
        image=first_text(profile, "avatar_url"),
    )
