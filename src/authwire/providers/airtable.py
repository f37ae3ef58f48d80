"""Airtable.

https://airtable.com/developers/web/api/oauth-reference
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Airtable", "AirtableProfile"]


class AirtableProfile(TypedDict):
    """Fields of ``GET /v0/meta/whoami`` that are read."""

    id: str
    email: NotRequired[str]


def Airtable(**options: Unpack[OAuth2Options]) -> OAuth2[AirtableProfile]:
    """Sign in with Airtable, which tells the e-mail address but no name."""
    return OAuth2(
        id="airtable",
        name="Airtable",
        authorization="https://airtable.com/oauth2/v1/authorize",
        token="https://airtable.com/oauth2/v1/token",
        userinfo="https://api.airtable.com/v0/meta/whoami",
        scope="user.email:read",
        checks=("pkce", "state"),
        profile=_user,
        style=Style(brand="#18BFFF"),
    ).override(options)


def _user(profile: AirtableProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        email=first_text(profile, "email"),
    )
