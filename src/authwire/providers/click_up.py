"""ClickUp.

https://developer.clickup.com/docs/authentication
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import bearer_if_missing
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["ClickUp", "ClickUpProfile"]


class ClickUpProfile(TypedDict):
    """Where the fields of ``GET /api/v2/user`` are."""

    user: Mapping[str, Any]


def ClickUp(**options: Unpack[OAuth2Options]) -> OAuth2[ClickUpProfile]:
    """Sign in with ClickUp."""
    return OAuth2(
        id="click-up",
        name="ClickUp",
        authorization="https://app.clickup.com/api",
        token="https://api.clickup.com/api/v2/oauth/token",
        userinfo="https://api.clickup.com/api/v2/user",
        scope="",  # there are none; an empty one counts as left out
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        conform_token=bearer_if_missing,
        profile=_user,
        style=Style(brand="#24292f", text="#fff"),
    ).override(options)


def _user(profile: ClickUpProfile, _tokens: TokenSet) -> User:
    user = part(profile, "user")
    return User(
        id=account_id(user, "id"),
        name=first_text(user, "username"),
        image=first_text(user, "profilePicture"),
    )
