"""Concept2.

https://log.concept2.com/developers/documentation/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options

__all__ = ["Concept2", "Concept2Profile"]


class Concept2Profile(TypedDict):
    """Where the fields of ``GET /api/users/me`` are."""

    data: Mapping[str, Any]


def Concept2(**options: Unpack[OAuth2Options]) -> OAuth2[Concept2Profile]:
    """Sign in with the Concept2 logbook. Only reading the profile is asked for."""
    return OAuth2(
        id="concept2",
        name="Concept2",
        authorization="https://log.concept2.com/oauth/authorize",
        token="https://log.concept2.com/oauth/access_token",
        userinfo="https://log.concept2.com/api/users/me",
        scope="user:read",
        checks=("pkce", "state"),
        profile=_user,
    ).override(options)


def _user(profile: Concept2Profile, _tokens: TokenSet) -> User:
    user = part(profile, "data")
    return User(
        id=account_id(user, "id"),
        name=first_text(user, "username"),
        email=first_text(user, "email"),
        image=first_text(user, "profile_image"),
    )
