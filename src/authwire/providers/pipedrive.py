"""Pipedrive.

https://pipedrive.readme.io/docs/marketplace-oauth-authorization
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Pipedrive", "PipedriveProfile"]


class PipedriveProfile(TypedDict):
    """The answer of ``GET /users/me``."""

    data: Mapping[str, Any]
    """``id``, ``name``, ``email`` and ``icon_url`` are read."""


def Pipedrive(**options: Unpack[OAuth2Options]) -> OAuth2[PipedriveProfile]:
    """Sign in with Pipedrive. What the app may do is chosen where it is registered."""
    return OAuth2(
        id="pipedrive",
        name="Pipedrive",
        authorization="https://oauth.pipedrive.com/oauth/authorize",
        token="https://oauth.pipedrive.com/oauth/token",
        userinfo="https://api.pipedrive.com/users/me",
        checks=("pkce", "state"),
        profile=_user,
        style=Style(brand="#017737", text="#fff"),
    ).override(options)


def _user(profile: PipedriveProfile, _tokens: TokenSet) -> User:
    data = part(profile, "data")
    return User(
        id=account_id(data, "id"),
        name=first_text(data, "name"),
        email=first_text(data, "email"),
        image=first_text(data, "icon_url"),
    )
