"""Box.

https://developer.box.com/guides/authentication/oauth2/
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Box", "BoxProfile"]


class BoxProfile(TypedDict):
    """Fields of ``GET /2.0/users/me`` that are read."""

    id: str
    name: NotRequired[str]
    login: NotRequired[str]
    avatar_url: NotRequired[str]


def Box(**options: Unpack[OAuth2Options]) -> OAuth2[BoxProfile]:
    """Sign in with Box. The app asks for the scopes that are ticked in Box's console."""
    return OAuth2(
        id="box",
        name="Box",
        authorization="https://account.box.com/api/oauth2/authorize",
        token="https://api.box.com/oauth2/token",
        userinfo="https://api.box.com/2.0/users/me",
        # Box refuses scopes that the app has not ticked; an empty one counts as left out.
        scope="",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#0075C9", text="#fff"),
    ).override(options)


def _user(profile: BoxProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "name"),
        email=first_text(profile, "login"),
        image=first_text(profile, "avatar_url"),
    )
