"""Gitee.

https://gitee.com/api/v5/oauth_doc
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Gitee", "GiteeProfile"]


class GiteeProfile(TypedDict):
    """Fields of ``GET /api/v5/user`` that are read."""

    id: int
    login: str
    name: NotRequired[str]
    email: NotRequired[str | None]
    avatar_url: NotRequired[str]


def Gitee(**options: Unpack[OAuth2Options]) -> OAuth2[GiteeProfile]:
    """Sign in with Gitee. The address is the one that the user shows to everybody, if any."""
    return OAuth2(
        id="gitee",
        name="Gitee",
        authorization="https://gitee.com/oauth/authorize",
        token="https://gitee.com/oauth/token",
        userinfo="https://gitee.com/api/v5/user",
        scope="user_info",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#C71D23"),
    ).override(options)


def _user(profile: GiteeProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "name", "login"),
        email=first_text(profile, "email"),
        image=first_text(profile, "avatar_url"),
    )
