"""Atlassian.

https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Atlassian", "AtlassianProfile"]


class AtlassianProfile(TypedDict):
    """Fields of ``GET /me`` that are read."""

    account_id: str
    name: NotRequired[str]
    email: NotRequired[str]
    email_verified: NotRequired[bool]
    picture: NotRequired[str]


def Atlassian(**options: Unpack[OAuth2Options]) -> OAuth2[AtlassianProfile]:
    """Sign in with an Atlassian account. Atlassian's sites do not know PKCE."""
    return OAuth2(
        id="atlassian",
        name="Atlassian",
        authorization="https://auth.atlassian.com/authorize",
        token="https://auth.atlassian.com/oauth/token",
        userinfo="https://api.atlassian.com/me",
        scope="read:me",
        params={"audience": "api.atlassian.com"},
        checks=("state",),
        profile=_user,
        style=Style(brand="#fff", text="#0052cc"),
    ).override(options)


def _user(profile: AtlassianProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "account_id"),
        name=first_text(profile, "name"),
        email=trusted_email(profile),
        image=first_text(profile, "picture"),
    )
