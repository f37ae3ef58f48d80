"""Log in with PayPal.

https://developer.paypal.com/docs/log-in-with-paypal/integrate/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._listed import objects
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["PayPal", "PayPalProfile"]


class PayPalProfile(TypedDict):
    """Fields of the userinfo answer, in the schema ``paypalv1.1``, that are read."""

    user_id: str
    name: NotRequired[str]
    emails: NotRequired[list[Mapping[str, Any]]]


def PayPal(*, sandbox: bool = False, **options: Unpack[OAuth2Options]) -> OAuth2[PayPalProfile]:
    """Sign in with PayPal. The account id is one that only this app sees.

    What the scopes ask for must be ticked in the app's settings, too.

    Args:
        sandbox: use the environment for tests.
    """
    host = "sandbox.paypal.com" if sandbox else "paypal.com"
    return OAuth2(
        id="paypal",
        name="PayPal",
        authorization=f"https://www.{host}/signin/authorize",
        token=f"https://api-m.{host}/v1/oauth2/token",
        userinfo=f"https://api-m.{host}/v1/identity/oauth2/userinfo?schema=paypalv1.1",
        scope="openid profile email",
        params={"flowEntry": "static"},
        checks=("state",),
        profile=_user,
        style=Style(brand="#003087"),
    ).override(options)


def _user(profile: PayPalProfile, _tokens: TokenSet) -> User:
    listed = objects(profile, "emails")
    primary = next((email for email in listed if email.get("primary") is True), {})
    return User(
        id=account_id(profile, "user_id"),
        name=first_text(profile, "name"),
        email=first_text(primary, "value"),
    )
