"""Figma.

https://developers.figma.com/docs/rest-api/oauth-apps/
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Figma", "FigmaProfile"]


class FigmaProfile(TypedDict):
    """Fields of ``GET /v1/me`` that are read."""

    id: str
    handle: NotRequired[str]
    email: NotRequired[str]
    img_url: NotRequired[str]


def Figma(**options: Unpack[OAuth2Options]) -> OAuth2[FigmaProfile]:
    """Sign in with Figma. Only reading the profile is asked for, no files."""
    return OAuth2(
        id="figma",
        name="Figma",
        authorization="https://www.figma.com/oauth",
        token="https://api.figma.com/v1/oauth/token",
        userinfo="https://api.figma.com/v1/me",
        scope="current_user:read",
        checks=("pkce", "state"),
        profile=_user,
        style=Style(brand="#ff7237", text="#fff"),
    ).override(options)


def _user(profile: FigmaProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "handle"),
        email=first_text(profile, "email"),
        image=first_text(profile, "img_url"),
    )
