"""Frontier Developments, the house of Elite Dangerous.

https://user.frontierstore.net/developer/docs
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import full_name
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options

__all__ = ["Frontier", "FrontierProfile"]


class FrontierProfile(TypedDict):
    """Fields of ``GET /me`` that are read."""

    customer_id: str | int
    firstname: NotRequired[str]
    lastname: NotRequired[str]
    email: NotRequired[str]


def Frontier(**options: Unpack[OAuth2Options]) -> OAuth2[FrontierProfile]:
    """Sign in with a Frontier account."""
    return OAuth2(
        id="frontier",
        name="Frontier",
        authorization="https://auth.frontierstore.net/auth",
        token="https://auth.frontierstore.net/token",
        userinfo="https://auth.frontierstore.net/me",
        scope="auth capi",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
    ).override(options)


def _user(profile: FrontierProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "customer_id"),
        name=full_name(profile, "firstname", "lastname"),
        email=first_text(profile, "email"),
    )
