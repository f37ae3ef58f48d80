"""Eventbrite.

https://www.eventbrite.com/platform/api#/introduction/authentication
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Eventbrite", "EventbriteProfile"]

_IMAGES = "https://img.evbuc.com/https%3A%2F%2Fcdn.evbuc.com%2Fimages"


class EventbriteProfile(TypedDict):
    """Fields of ``GET /v3/users/me/`` that are read."""

    id: str
    name: NotRequired[str]
    emails: NotRequired[list[Mapping[str, Any]]]
    image_id: NotRequired[str | None]


def Eventbrite(**options: Unpack[OAuth2Options]) -> OAuth2[EventbriteProfile]:
    """Sign in with Eventbrite. A primary address that it calls unverified is not taken."""
    return OAuth2(
        id="eventbrite",
        name="Eventbrite",
        authorization="https://www.eventbrite.com/oauth/authorize",
        token="https://www.eventbrite.com/oauth/token",
        userinfo="https://www.eventbriteapi.com/v3/users/me/",
        scope="user.profile",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#f05537", text="#fff"),
    ).override(options)


def _user(profile: EventbriteProfile, _tokens: TokenSet) -> User:
    image = first_text(profile, "image_id")
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "name"),
        email=_primary(profile.get("emails")),
        image=image and f"{_IMAGES}%2F{image}%2F1%2Foriginal.jpg",
    )


def _primary(emails: object) -> str | None:
    listed = emails if isinstance(emails, list) else []
    entries = [entry for entry in listed if isinstance(entry, Mapping)]
    primary = next((entry for entry in entries if entry.get("primary") is True), {})
    return trusted_email(primary, flag="verified")
