"""Railway.

https://docs.railway.com/integrations/oauth/login-and-tokens
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Railway", "RailwayProfile"]


class RailwayProfile(TypedDict):
    """Fields of ``GET /oauth/me`` that are read."""

    sub: str
    name: NotRequired[str]
    email: NotRequired[str]
    picture: NotRequired[str]


def Railway(**options: Unpack[OAuth2Options]) -> OAuth2[RailwayProfile]:
    """Sign in with Railway.

    Its ID token tells nothing but the account id, so the profile comes from the userinfo endpoint.
    """
    return OAuth2(
        id="railway",
        name="Railway",
        issuer="https://backboard.railway.com",
        authorization="https://backboard.railway.com/oauth/auth",
        token="https://backboard.railway.com/oauth/token",
        userinfo="https://backboard.railway.com/oauth/me",
        scope="openid email profile",
        checks=("pkce", "state"),
        profile=_user,
        style=Style(brand="#0B0D0E"),
    ).override(options)


def _user(profile: RailwayProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=first_text(profile, "name"),
        email=first_text(profile, "email"),
        image=first_text(profile, "picture"),
    )
