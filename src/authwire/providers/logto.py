"""Logto.

https://docs.logto.io/integrate-logto/traditional-web-apps
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OIDC, OAuth2Options

__all__ = ["Logto", "LogtoProfile"]


class LogtoProfile(TypedDict):
    """Claims of the ID token that are read."""

    sub: str
    name: NotRequired[str | None]
    username: NotRequired[str | None]
    email: NotRequired[str | None]
    email_verified: NotRequired[bool]
    picture: NotRequired[str | None]


def Logto(**options: Unpack[OAuth2Options]) -> OIDC[LogtoProfile]:
    """Sign in with your Logto tenant. ``issuer``: ``https://<tenant>.logto.app/oidc``."""
    return OIDC(
        id="logto",
        name="Logto",
        scope="offline_access openid email profile",
        profile=_user,
    ).override(options)


def _user(profile: LogtoProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=first_text(profile, "name", "username"),
        email=trusted_email(profile),
        image=first_text(profile, "picture"),
    )
