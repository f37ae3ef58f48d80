"""Strava.

https://developers.strava.com/docs/authentication/
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import full_name
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Strava", "StravaProfile"]


class StravaProfile(TypedDict):
    """Fields of ``GET /api/v3/athlete`` that are read."""

    id: int
    firstname: NotRequired[str | None]
    lastname: NotRequired[str | None]
    profile: NotRequired[str | None]
    """Address of the picture."""


def Strava(**options: Unpack[OAuth2Options]) -> OAuth2[StravaProfile]:
    """Sign in with Strava, which tells no e-mail address."""
    return OAuth2(
        id="strava",
        name="Strava",
        authorization="https://www.strava.com/api/v3/oauth/authorize",
        token="https://www.strava.com/api/v3/oauth/token",
        userinfo="https://www.strava.com/api/v3/athlete",
        scope="read",
        params={"approval_prompt": "auto"},
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#FC4C02", text="#000"),
    ).override(options)


def _user(profile: StravaProfile, _tokens: TokenSet) -> User:
    image = first_text(profile, "profile")
    return User(
        id=account_id(profile, "id"),
        name=full_name(profile, "firstname", "lastname"),
        # Who has no picture gets a path on Strava's own site.
        image=image if image and image.startswith("https://") else None,
    )
