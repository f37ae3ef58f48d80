"""Xero.

https://developer.xero.com/documentation/guides/oauth2/sign-in/
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import full_name
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OIDC, OAuth2Options, Style

__all__ = ["Xero", "XeroProfile"]


class XeroProfile(TypedDict):
    """Claims of the ID token that are read."""

    sub: str
    given_name: NotRequired[str]
    family_name: NotRequired[str]
    email: NotRequired[str]


def Xero(**options: Unpack[OAuth2Options]) -> OIDC[XeroProfile]:
    """Sign in with Xero."""
    return OIDC(
        id="xero",
        name="Xero",
        issuer="https://identity.xero.com",
        checks=("nonce", "state"),
        profile=_user,
        style=Style(brand="#13B5EA"),
    ).override(options)


def _user(profile: XeroProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=full_name(profile, "given_name", "family_name"),
        email=first_text(profile, "email"),
    )
