"""Zoom.

https://developers.zoom.us/docs/integrations/oauth/
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import full_name
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Zoom", "ZoomProfile"]


class ZoomProfile(TypedDict):
    """Fields of ``GET /v2/users/me`` that are read."""

    id: str
    first_name: NotRequired[str]
    last_name: NotRequired[str]
    email: NotRequired[str]
    verified: NotRequired[int]
    pic_url: NotRequired[str]


def Zoom(**options: Unpack[OAuth2Options]) -> OAuth2[ZoomProfile]:
    """Sign in with Zoom. An address that Zoom calls unverified is not taken.

    What the app may do is chosen where it is registered, so no scope is sent.
    """
    return OAuth2(
        id="zoom",
        name="Zoom",
        authorization="https://zoom.us/oauth/authorize",
        token="https://zoom.us/oauth/token",
        userinfo="https://api.zoom.us/v2/users/me",
        scope="",
        profile=_user,
        style=Style(brand="#0b5cff", text="#fff"),
    ).override(options)


def _user(profile: ZoomProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=full_name(profile, "first_name", "last_name"),
        email=trusted_email(profile, flag="verified"),
        image=first_text(profile, "pic_url"),
    )
