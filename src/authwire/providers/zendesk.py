"""Zendesk.

https://support.zendesk.com/hc/en-us/articles/4408845965210
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._hosts import host_label
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Zendesk", "ZendeskProfile"]


class ZendeskProfile(TypedDict):
    """What is read of ``GET /api/v2/users/me.json``."""

    user: Mapping[str, Any]


def Zendesk(*, subdomain: str, **options: Unpack[OAuth2Options]) -> OAuth2[ZendeskProfile]:
    """Sign in with one Zendesk account. The address of an unverified user is not taken.

    Args:
        subdomain: the word before ``.zendesk.com``.

    Raises:
        ValueError: if ``subdomain`` is no such word.
    """
    base = f"https://{host_label(subdomain, 'Zendesk: subdomain')}.zendesk.com"
    return OAuth2(
        id="zendesk",
        name="Zendesk",
        authorization=f"{base}/oauth/authorizations/new",
        token=f"{base}/oauth/tokens",
        userinfo=f"{base}/api/v2/users/me.json",
        scope="users:read",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#03363D"),
    ).override(options)


def _user(profile: ZendeskProfile, _tokens: TokenSet) -> User:
    user = part(profile, "user")
    return User(
        id=account_id(user, "id"),
        name=first_text(user, "name"),
        email=trusted_email(user, flag="verified"),
        image=first_text(part(user, "photo"), "content_url"),
    )
