"""Osso.

https://github.com/enterprise-oss/osso
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options

__all__ = ["Osso", "OssoProfile"]


class OssoProfile(TypedDict):
    """Fields of ``GET /oauth/me`` that are read."""

    id: str
    email: NotRequired[str]


def Osso(**options: Unpack[OAuth2Options]) -> OAuth2[OssoProfile]:
    """Sign in through your Osso server, which speaks SAML for you. ``issuer``: its address."""
    return OAuth2(
        id="osso",
        name="Osso",
        checks=("pkce", "state"),
        profile=_user,
        derive=_endpoints,
    ).override(options)


def _user(profile: OssoProfile, _tokens: TokenSet) -> User:
    return User(id=account_id(profile, "id"), email=first_text(profile, "email"))


def _endpoints(provider: OAuth2[OssoProfile]) -> Mapping[str, Any]:
    if not provider.issuer:
        return {}
    base = provider.issuer.rstrip("/")
    return {
        "authorization": f"{base}/oauth/authorize",
        "token": f"{base}/oauth/token",
        "userinfo": f"{base}/oauth/me",
    }
