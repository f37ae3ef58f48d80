"""Polar.

https://polar.sh/docs/integrate/oauth2/connect
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Polar", "PolarProfile"]


class PolarProfile(TypedDict):
    """Fields of ``GET /v1/oauth2/userinfo`` that are read."""

    sub: str
    name: NotRequired[str]
    email: NotRequired[str]
    email_verified: NotRequired[bool]


def Polar(**options: Unpack[OAuth2Options]) -> OAuth2[PolarProfile]:
    """Sign in with Polar, as a user and not as an organisation. Polar tells no name of a user.

    An address that Polar calls unverified is not taken.
    """
    return OAuth2(
        id="polar",
        name="Polar",
        issuer="https://polar.sh",
        authorization="https://polar.sh/oauth2/authorize",
        token="https://api.polar.sh/v1/oauth2/token",
        userinfo="https://api.polar.sh/v1/oauth2/userinfo",
        scope="openid profile email",
        # Without it the app's settings decide, and the account id may be that of an organisation.
        params={"sub_type": "user"},
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#0062FF"),
    ).override(options)


def _user(profile: PolarProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=first_text(profile, "name"),
        email=trusted_email(profile),
    )
