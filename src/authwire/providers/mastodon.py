"""Mastodon.

https://docs.joinmastodon.org/spec/oauth/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Mastodon", "MastodonProfile"]


class MastodonProfile(TypedDict):
    """Fields of ``GET /api/v1/accounts/verify_credentials`` that are read."""

    id: str
    username: str
    avatar_static: str


def Mastodon(**options: Unpack[OAuth2Options]) -> OAuth2[MastodonProfile]:
    """Sign in with one Mastodon server. ``issuer``: ``https://<host>``. It tells no e-mail address.

    For a second server give an ``id`` of its own: account ids are unique within one server only.
    """
    return OAuth2(
        id="mastodon",
        name="Mastodon",
        scope="read",
        # Servers before 4.3 do not know PKCE.
        checks=("pkce", "state"),
        profile=_user,
        derive=_endpoints,
        style=Style(brand="#6364FF", text="#fff"),
    ).override(options)


def _user(profile: MastodonProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "username"),
        image=first_text(profile, "avatar_static"),
    )


def _endpoints(provider: OAuth2[MastodonProfile]) -> Mapping[str, Any]:
    if not provider.issuer:
        return {}
    base = provider.issuer.rstrip("/")
    return {
        "authorization": f"{base}/oauth/authorize",
        "token": f"{base}/oauth/token",
        "userinfo": f"{base}/api/v1/accounts/verify_credentials",
    }
