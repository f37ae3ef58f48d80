"""Todoist.

https://developer.todoist.com/api/v1/#tag/Authorization
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Todoist", "TodoistProfile"]

_UNPROVEN = ("unverified", "blocked")


class TodoistProfile(TypedDict):
    """Fields of ``GET /api/v1/user`` that are read."""

    id: str
    full_name: NotRequired[str]
    email: NotRequired[str]
    verification_status: NotRequired[str]
    avatar_big: NotRequired[str | None]


def Todoist(**options: Unpack[OAuth2Options]) -> OAuth2[TodoistProfile]:
    """Sign in with Todoist. An address that Todoist calls unverified is not taken."""
    return OAuth2(
        id="todoist",
        name="Todoist",
        authorization="https://todoist.com/oauth/authorize",
        token="https://todoist.com/oauth/access_token",
        userinfo="https://api.todoist.com/api/v1/user",
        scope="data:read",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#E44332", text="#000"),
    ).override(options)


def _user(profile: TodoistProfile, _tokens: TokenSet) -> User:
    unproven = profile.get("verification_status") in _UNPROVEN
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "full_name"),
        email=None if unproven else first_text(profile, "email"),
        image=first_text(profile, "avatar_big"),
    )
