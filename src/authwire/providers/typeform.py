"""Typeform.

https://www.typeform.com/developers/get-started/applications/
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Typeform", "TypeformProfile"]


class TypeformProfile(TypedDict):
    """Fields of ``GET /me`` that are read."""

    user_id: str
    alias: NotRequired[str]
    email: NotRequired[str]


def Typeform(**options: Unpack[OAuth2Options]) -> OAuth2[TypeformProfile]:
    """Sign in with Typeform."""
    return OAuth2(
        id="typeform",
        name="Typeform",
        authorization="https://api.typeform.com/oauth/authorize",
        token="https://api.typeform.com/oauth/token",
        userinfo="https://api.typeform.com/me",
        scope="accounts:read",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#262627"),
    ).override(options)


def _user(profile: TypeformProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "user_id"),
        name=first_text(profile, "alias"),
        email=first_text(profile, "email"),
    )
