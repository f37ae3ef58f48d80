"""OpenStreetMap.

https://wiki.openstreetmap.org/wiki/OAuth
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["OpenStreetMap", "OpenStreetMapProfile"]


class OpenStreetMapProfile(TypedDict):
    """What is read of ``GET /api/0.6/user/details.json``."""

    user: Mapping[str, Any]


def OpenStreetMap(**options: Unpack[OAuth2Options]) -> OAuth2[OpenStreetMapProfile]:
    """Sign in with OpenStreetMap, which tells no e-mail address."""
    return OAuth2(
        id="openstreetmap",
        name="OpenStreetMap",
        authorization="https://www.openstreetmap.org/oauth2/authorize",
        token="https://www.openstreetmap.org/oauth2/token",
        userinfo="https://api.openstreetmap.org/api/0.6/user/details.json",
        scope="read_prefs",
        checks=("pkce", "state"),
        profile=_user,
        style=Style(brand="#7EBC6F"),
    ).override(options)


def _user(profile: OpenStreetMapProfile, _tokens: TokenSet) -> User:
    user = part(profile, "user")
    return User(
        id=account_id(user, "id"),
        name=first_text(user, "display_name"),
        image=first_text(part(user, "img"), "href"),
    )
