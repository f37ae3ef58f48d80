"""Pinterest.

https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Pinterest", "PinterestProfile"]


class PinterestProfile(TypedDict):
    """Fields of ``GET /v5/user_account`` that are read."""

    id: str
    username: NotRequired[str]
    profile_image: NotRequired[str]


def Pinterest(**options: Unpack[OAuth2Options]) -> OAuth2[PinterestProfile]:
    """Sign in with Pinterest, which tells no e-mail address.

    The account id is Pinterest's own. Auth.js takes the user name, which its owner can change and
    somebody else then take: accounts that it stored have to be rewritten.
    """
    return OAuth2(
        id="pinterest",
        name="Pinterest",
        authorization="https://www.pinterest.com/oauth",
        token="https://api.pinterest.com/v5/oauth/token",
        userinfo="https://api.pinterest.com/v5/user_account",
        scope="user_accounts:read",
        checks=("pkce", "state"),
        profile=_user,
        style=Style(brand="#bd081c"),
    ).override(options)


def _user(profile: PinterestProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "username"),
        image=first_text(profile, "profile_image"),
    )
