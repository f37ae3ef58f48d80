"""Mattermost.

https://developers.mattermost.com/integrate/apps/authentication/oauth2/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import full_name
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Mattermost", "MattermostProfile"]


class MattermostProfile(TypedDict):
    """Fields of ``GET /api/v4/users/me`` that are read."""

    id: str
    username: str
    first_name: NotRequired[str]
    last_name: NotRequired[str]
    email: NotRequired[str]
    email_verified: NotRequired[bool]


def Mattermost(**options: Unpack[OAuth2Options]) -> OAuth2[MattermostProfile]:
    """Sign in with your Mattermost server. ``issuer``: ``https://<host>``."""
    return OAuth2(
        id="mattermost",
        name="Mattermost",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        derive=_endpoints,
        style=Style(brand="#000", text="#fff"),
    ).override(options)


def _user(profile: MattermostProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "username") or full_name(profile, "first_name", "last_name"),
        email=trusted_email(profile),
    )


def _endpoints(provider: OAuth2[MattermostProfile]) -> Mapping[str, Any]:
    if not provider.issuer:
        return {}
    base = provider.issuer.rstrip("/")
    return {
        "authorization": f"{base}/oauth/authorize",
        "token": f"{base}/oauth/access_token",
        "userinfo": f"{base}/api/v4/users/me",
    }
