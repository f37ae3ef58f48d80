"""Zoho.

https://www.zoho.com/accounts/protocol/oauth/web-server-applications.html
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import full_name
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Zoho", "ZohoProfile"]


class ZohoProfile(TypedDict):
    """Fields of ``GET /oauth/user/info`` that are read."""

    ZUID: int
    First_Name: NotRequired[str]
    Last_Name: NotRequired[str]
    Email: NotRequired[str]


def Zoho(
    *, base_url: str = "https://accounts.zoho.com", **options: Unpack[OAuth2Options]
) -> OAuth2[ZohoProfile]:
    """Sign in with Zoho. ``base_url`` is the data centre of the app: ``https://accounts.zoho.eu``."""
    base = base_url.rstrip("/")
    return OAuth2(
        id="zoho",
        name="Zoho",
        authorization=f"{base}/oauth/v2/auth",
        token=f"{base}/oauth/v2/token",
        userinfo=f"{base}/oauth/user/info",
        scope="AaaServer.profile.Read",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#e42527", text="#fff"),
    ).override(options)


def _user(profile: ZohoProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "ZUID"),
        name=full_name(profile, "First_Name", "Last_Name"),
        email=first_text(profile, "Email"),
    )
