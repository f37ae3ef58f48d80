"""Gumroad.

https://gumroad.com/api
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Gumroad", "GumroadProfile"]


class GumroadProfile(TypedDict):
    """What is read of ``GET /v2/user``."""

    user: Mapping[str, Any]


def Gumroad(**options: Unpack[OAuth2Options]) -> OAuth2[GumroadProfile]:
    """Sign in with Gumroad."""
    return OAuth2(
        id="gumroad",
        name="Gumroad",
        authorization="https://gumroad.com/oauth/authorize",
        token="https://api.gumroad.com/oauth/token",
        userinfo="https://api.gumroad.com/v2/user",
        scope="view_profile",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#FF90E8"),
    ).override(options)


def _user(profile: GumroadProfile, _tokens: TokenSet) -> User:
    user = part(profile, "user")
    return User(
        id=account_id(user, "user_id"),
        name=first_text(user, "name"),
        email=first_text(user, "email"),
    )
