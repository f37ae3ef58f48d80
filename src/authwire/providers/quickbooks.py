"""Intuit, the house of QuickBooks.

https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/openid-connect
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import full_name
from authwire.providers._profile import account_id, trusted_email
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["QuickBooks", "QuickBooksProfile"]


class QuickBooksProfile(TypedDict):
    """Fields of the userinfo answer that are read."""

    sub: str
    givenName: NotRequired[str]
    familyName: NotRequired[str]
    email: NotRequired[str]
    emailVerified: NotRequired[bool | str]


def QuickBooks(
    *, sandbox: bool = False, **options: Unpack[OAuth2Options]
) -> OAuth2[QuickBooksProfile]:
    """Sign in with Intuit. An address that Intuit calls unverified is not taken.

    Args:
        sandbox: ask for the users of the development keys.
    """
    accounts = "sandbox-accounts" if sandbox else "accounts"
    return OAuth2(
        id="quickbooks",
        name="QuickBooks",
        issuer="https://oauth.platform.intuit.com/op/v1",
        authorization="https://appcenter.intuit.com/connect/oauth2",
        token="https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
        userinfo=f"https://{accounts}.platform.intuit.com/v1/openid_connect/userinfo",
        scope="openid profile email",
        checks=("state",),
        profile=_user,
        style=Style(brand="#2CA01C"),
    ).override(options)


def _user(profile: QuickBooksProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=full_name(profile, "givenName", "familyName"),
        email=trusted_email(profile, flag="emailVerified"),
    )
