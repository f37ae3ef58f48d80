"""Vimeo.

https://developer.vimeo.com/api/authentication
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Vimeo", "VimeoProfile"]


class VimeoProfile(TypedDict):
    """Fields of ``GET /me`` that are read."""

    uri: str
    name: NotRequired[str]
    pictures: NotRequired[Mapping[str, Any]]


def Vimeo(**options: Unpack[OAuth2Options]) -> OAuth2[VimeoProfile]:
    """Sign in with Vimeo. The account id is the user's address in its API; no e-mail is told."""
    return OAuth2(
        id="vimeo",
        name="Vimeo",
        authorization="https://api.vimeo.com/oauth/authorize",
        token="https://api.vimeo.com/oauth/access_token",
        userinfo="https://api.vimeo.com/me",
        scope="public",
        checks=("state",),
        profile=_user,
        style=Style(brand="#1AB7EA"),
    ).override(options)


def _user(profile: VimeoProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "uri"),
        name=first_text(profile, "name"),
        image=first_text(part(profile, "pictures"), "base_link"),
    )
