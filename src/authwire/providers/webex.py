"""Webex.

https://developer.webex.com/docs/integrations
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import texts
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import bearer_if_missing
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Webex", "WebexProfile"]


class WebexProfile(TypedDict):
    """Fields of ``GET /people/me`` that are read."""

    id: str
    emails: NotRequired[Sequence[str]]
    displayName: NotRequired[str]
    avatar: NotRequired[str]


def Webex(
    *, api_base_url: str = "https://webexapis.com/v1", **options: Unpack[OAuth2Options]
) -> OAuth2[WebexProfile]:
    """Sign in with Webex, or with a Webex cloud of its own at ``api_base_url`` (Government)."""
    base = api_base_url.rstrip("/")
    return OAuth2(
        id="webex",
        name="Webex",
        authorization=f"{base}/authorize",
        token=f"{base}/access_token",
        userinfo=f"{base}/people/me",
        scope="spark:kms spark:people_read",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        conform_token=bearer_if_missing,
        profile=_user,
        style=Style(brand="#000", text="#fff"),
    ).override(options)


def _user(profile: WebexProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "displayName"),
        email=next(iter(texts(profile, "emails")), None),
        image=first_text(profile, "avatar"),
    )
