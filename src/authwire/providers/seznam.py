"""Seznam.

https://vyvojari.seznam.cz/oauth/doc
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import full_name
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Seznam", "SeznamProfile"]


class SeznamProfile(TypedDict):
    """Fields of ``GET /api/v1/user`` that are read."""

    oauth_user_id: str
    firstname: NotRequired[str]
    lastname: NotRequired[str]
    email: NotRequired[str | None]
    avatar_url: NotRequired[str | None]


def Seznam(**options: Unpack[OAuth2Options]) -> OAuth2[SeznamProfile]:
    """Sign in with Seznam, the Czech portal. Scopes are separated by commas."""
    return OAuth2(
        id="seznam",
        name="Seznam",
        authorization="https://login.szn.cz/api/v1/oauth/auth",
        token="https://login.szn.cz/api/v1/oauth/token",
        userinfo="https://login.szn.cz/api/v1/user",
        scope="identity,avatar",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#CC0000"),
    ).override(options)


def _user(profile: SeznamProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "oauth_user_id"),
        name=full_name(profile, "firstname", "lastname"),
        email=first_text(profile, "email"),
        image=first_text(profile, "avatar_url"),
    )
