"""FreshBooks.

https://www.freshbooks.com/api/authentication
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import full_name, part
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Freshbooks", "FreshbooksProfile"]


class FreshbooksProfile(TypedDict):
    """Where the fields of ``GET /auth/api/v1/users/me`` are."""

    response: Mapping[str, Any]


def Freshbooks(**options: Unpack[OAuth2Options]) -> OAuth2[FreshbooksProfile]:
    """Sign in with FreshBooks."""
    return OAuth2(
        id="freshbooks",
        name="Freshbooks",
        authorization="https://auth.freshbooks.com/service/auth/oauth/authorize",
        token="https://api.freshbooks.com/auth/oauth/token",
        userinfo="https://api.freshbooks.com/auth/api/v1/users/me",
        scope="user:profile:read",
        checks=("pkce", "state"),
        profile=_user,
        style=Style(brand="#0075dd", text="#fff"),
    ).override(options)


def _user(profile: FreshbooksProfile, _tokens: TokenSet) -> User:
    user = part(profile, "response")
    return User(
        id=account_id(user, "id"),
        name=full_name(user, "first_name", "last_name"),
        email=first_text(user, "email"),
    )
