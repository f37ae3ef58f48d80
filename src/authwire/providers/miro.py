"""Miro.

https://developers.miro.com/docs/getting-started-with-oauth
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Miro", "MiroProfile"]


class MiroProfile(TypedDict):
    """Fields of ``GET /v1/users/me`` that are read."""

    id: str
    name: NotRequired[str]
    email: NotRequired[str]
    picture: NotRequired[Mapping[str, Any]]


def Miro(**options: Unpack[OAuth2Options]) -> OAuth2[MiroProfile]:
    """Sign in with Miro. The user picks a team in which the app is installed."""
    return OAuth2(
        id="miro",
        name="Miro",
        authorization="https://miro.com/oauth/authorize",
        token="https://api.miro.com/v1/oauth/token",
        userinfo="https://api.miro.com/v1/users/me",
        scope="identity:read",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#FFD02F"),
    ).override(options)


def _user(profile: MiroProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "name"),
        email=first_text(profile, "email"),
        image=first_text(part(profile, "picture"), "imageUrl"),
    )
