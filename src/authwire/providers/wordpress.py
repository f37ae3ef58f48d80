"""WordPress.com.

https://developer.wordpress.com/docs/oauth2/
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["WordPress", "WordPressProfile"]


class WordPressProfile(TypedDict):
    """Fields of ``GET /rest/v1/me`` that are read."""

    ID: int
    display_name: NotRequired[str]
    email: NotRequired[str]
    email_verified: NotRequired[bool]
    avatar_URL: NotRequired[str]


def WordPress(**options: Unpack[OAuth2Options]) -> OAuth2[WordPressProfile]:
    """Sign in with WordPress.com. An address that it calls unverified is not taken."""
    return OAuth2(
        id="wordpress",
        name="WordPress.com",
        authorization="https://public-api.wordpress.com/oauth2/authorize",
        token="https://public-api.wordpress.com/oauth2/token",
        userinfo="https://public-api.wordpress.com/rest/v1/me",
        scope="auth",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#3858e9", text="#fff"),
    ).override(options)


def _user(profile: WordPressProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "ID"),
        name=first_text(profile, "display_name"),
        email=trusted_email(profile),
        image=first_text(profile, "avatar_URL"),
    )
