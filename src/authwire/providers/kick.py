"""Kick.

https://docs.kick.com/getting-started/generating-tokens-oauth2-flow
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._listed import first_object
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Kick", "KickProfile"]


class KickProfile(TypedDict):
    """What is read of ``GET /public/v1/users``, which tells of the user who asks."""

    data: list[Mapping[str, Any]]


def Kick(**options: Unpack[OAuth2Options]) -> OAuth2[KickProfile]:
    """Sign in with Kick."""
    return OAuth2(
        id="kick",
        name="Kick",
        authorization="https://id.kick.com/oauth/authorize",
        token="https://id.kick.com/oauth/token",
        userinfo="https://api.kick.com/public/v1/users",
        scope="user:read",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#53FC18"),
    ).override(options)


def _user(profile: KickProfile, _tokens: TokenSet) -> User:
    me = first_object(profile, "data")
    return User(
        id=account_id(me, "user_id"),
        name=first_text(me, "name"),
        email=first_text(me, "email"),
        image=first_text(me, "profile_picture"),
    )
