"""Asana.

https://developers.asana.com/docs/oauth
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Asana", "AsanaProfile"]


class AsanaProfile(TypedDict):
    """What is read of ``GET /api/1.0/users/me``."""

    data: Mapping[str, Any]


def Asana(**options: Unpack[OAuth2Options]) -> OAuth2[AsanaProfile]:
    """Sign in with Asana.

    An app that was registered with full permissions needs ``scope="default"``.
    """
    return OAuth2(
        id="asana",
        name="Asana",
        authorization="https://app.asana.com/-/oauth_authorize",
        token="https://app.asana.com/-/oauth_token",
        userinfo="https://app.asana.com/api/1.0/users/me",
        scope="users:read",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#F06A6A"),
    ).override(options)


def _user(profile: AsanaProfile, _tokens: TokenSet) -> User:
    user = part(profile, "data")
    return User(
        id=account_id(user, "gid"),
        name=first_text(user, "name"),
        email=first_text(user, "email"),
        image=first_text(part(user, "photo"), "image_128x128", "image_60x60"),
    )
