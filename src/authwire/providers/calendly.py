"""Calendly.

https://developer.calendly.com/api-docs/getting-started/authentication
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Calendly", "CalendlyProfile"]


class CalendlyProfile(TypedDict):
    """What is read of ``GET /users/me``."""

    resource: Mapping[str, Any]


def Calendly(**options: Unpack[OAuth2Options]) -> OAuth2[CalendlyProfile]:
    """Sign in with Calendly. The account id is the address of the user in Calendly's API."""
    return OAuth2(
        id="calendly",
        name="Calendly",
        authorization="https://auth.calendly.com/oauth/authorize",
        token="https://auth.calendly.com/oauth/token",
        userinfo="https://api.calendly.com/users/me",
        scope="",
        checks=("state",),
        profile=_user,
        style=Style(brand="#006BFF"),
    ).override(options)


def _user(profile: CalendlyProfile, _tokens: TokenSet) -> User:
    user = part(profile, "resource")
    return User(
        id=account_id(user, "uri"),
        name=first_text(user, "name"),
        email=first_text(user, "email"),
        image=first_text(user, "avatar_url"),
    )
