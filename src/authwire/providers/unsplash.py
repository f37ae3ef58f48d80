"""Unsplash.

https://unsplash.com/documentation/user-authentication-workflow
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Unsplash", "UnsplashProfile"]


class UnsplashProfile(TypedDict):
    """Fields of ``GET /me`` that are read."""

    id: str
    username: NotRequired[str]
    name: NotRequired[str]
    email: NotRequired[str]
    profile_image: NotRequired[Mapping[str, Any]]


def Unsplash(**options: Unpack[OAuth2Options]) -> OAuth2[UnsplashProfile]:
    """Sign in with Unsplash."""
    return OAuth2(
        id="unsplash",
        name="Unsplash",
        authorization="https://unsplash.com/oauth/authorize",
        token="https://unsplash.com/oauth/token",
        userinfo="https://api.unsplash.com/me",
        scope="public read_user",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#000"),
    ).override(options)


def _user(profile: UnsplashProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "name", "username"),
        email=first_text(profile, "email"),
        image=first_text(part(profile, "profile_image"), "medium"),
    )
