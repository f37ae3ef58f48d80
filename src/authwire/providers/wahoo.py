"""Wahoo.

https://cloud-api.wahooligan.com/#authentication
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import full_name
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options

__all__ = ["Wahoo", "WahooProfile"]


class WahooProfile(TypedDict):
    """Fields of ``GET /v1/user`` that are read."""

    id: int
    first: NotRequired[str]
    last: NotRequired[str]
    email: NotRequired[str]


def Wahoo(**options: Unpack[OAuth2Options]) -> OAuth2[WahooProfile]:
    """Sign in with Wahoo Fitness."""
    return OAuth2(
        id="wahoo",
        name="Wahoo",
        authorization="https://api.wahooligan.com/oauth/authorize",
        token="https://api.wahooligan.com/oauth/token",
        userinfo="https://api.wahooligan.com/v1/user",
        scope="user_read email",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
    ).override(options)


def _user(profile: WahooProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=full_name(profile, "first", "last"),
        email=first_text(profile, "email"),
    )
