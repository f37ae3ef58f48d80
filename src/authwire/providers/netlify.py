"""Netlify.

https://docs.netlify.com/api/get-started/#authentication
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Netlify", "NetlifyProfile"]


class NetlifyProfile(TypedDict):
    """Fields of ``GET /api/v1/user`` that are read."""

    id: str
    full_name: NotRequired[str]
    email: NotRequired[str]
    avatar_url: NotRequired[str]


def Netlify(**options: Unpack[OAuth2Options]) -> OAuth2[NetlifyProfile]:
    """Sign in with Netlify, which knows no scopes."""
    return OAuth2(
        id="netlify",
        name="Netlify",
        authorization="https://app.netlify.com/authorize",
        token="https://api.netlify.com/oauth/token",
        userinfo="https://api.netlify.com/api/v1/user",
        scope="",
        checks=("pkce", "state"),
        profile=_user,
        style=Style(brand="#32e6e2"),
    ).override(options)


def _user(profile: NetlifyProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "full_name"),
        email=first_text(profile, "email"),
        image=first_text(profile, "avatar_url"),
    )
