"""Gitea, and Forgejo, which came out of it: both answer in the same way at the same paths.

Their issuer is spelt with or without a slash at the end, depending on the version. So the endpoints
are written down here instead of being discovered, and the profile is what the server tells over TLS.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["ForgeProfile", "forge"]


class ForgeProfile(TypedDict):
    """Fields of ``GET /login/oauth/userinfo`` that are read."""

    sub: str
    name: NotRequired[str]
    preferred_username: NotRequired[str]
    email: NotRequired[str]
    email_verified: NotRequired[bool]
    picture: NotRequired[str]


def forge(
    provider_id: str, name: str, base_url: str, brand: str, options: OAuth2Options
) -> OAuth2[ForgeProfile]:
    """The provider for the server at ``base_url``."""
    oauth = f"{base_url.rstrip('/')}/login/oauth"
    return OAuth2(
        id=provider_id,
        name=name,
        authorization=f"{oauth}/authorize",
        token=f"{oauth}/access_token",
        userinfo=f"{oauth}/userinfo",
        scope="openid profile email",
        checks=("pkce", "state"),
        profile=_user,
        style=Style(brand=brand),
    ).override(options)


def _user(profile: ForgeProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=first_text(profile, "name", "preferred_username"),
        email=trusted_email(profile),
        image=first_text(profile, "picture"),
    )
