"""Login with Amazon.

https://developer.amazon.com/docs/login-with-amazon/authorization-code-grant.html
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Amazon", "AmazonProfile"]


class AmazonProfile(TypedDict):
    """Fields of ``GET /user/profile`` that are read."""

    user_id: str
    name: NotRequired[str]
    email: NotRequired[str]


def Amazon(**options: Unpack[OAuth2Options]) -> OAuth2[AmazonProfile]:
    """Sign in with Amazon. The account id is one that only this security profile sees."""
    return OAuth2(
        id="amazon",
        name="Amazon",
        authorization="https://www.amazon.com/ap/oa",
        token="https://api.amazon.com/auth/o2/token",
        userinfo="https://api.amazon.com/user/profile",
        scope="profile",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#FF9900"),
    ).override(options)


def _user(profile: AmazonProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "user_id"),
        name=first_text(profile, "name"),
        email=first_text(profile, "email"),
    )
