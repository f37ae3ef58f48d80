"""Instagram.

https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, Unpack

from authwire.http import HttpResponse
from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import bearer_if_missing, reshape
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Instagram", "InstagramProfile"]


class InstagramProfile(TypedDict):
    """Fields of ``GET /me`` that are read."""

    id: str
    username: NotRequired[str]


def Instagram(**options: Unpack[OAuth2Options]) -> OAuth2[InstagramProfile]:
    """Sign in with a professional Instagram account, which tells no address.

    The API for personal accounts is no more.
    """
    return OAuth2(
        id="instagram",
        name="Instagram",
        authorization="https://api.instagram.com/oauth/authorize",
        token="https://api.instagram.com/oauth/access_token",
        userinfo="https://graph.instagram.com/me?fields=id,username,account_type,name",
        scope="instagram_business_basic",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        conform_token=_conform,
        profile=_user,
        style=Style(brand="#fff", text="#000"),
    ).override(options)


def _user(profile: InstagramProfile, _tokens: TokenSet) -> User:
    return User(id=account_id(profile, "id"), name=first_text(profile, "username"))


def _conform(response: HttpResponse) -> HttpResponse:
    """The tokens out of the list of one that they may come in, as bearer tokens."""
    return bearer_if_missing(reshape(response, _only))


def _only(body: dict[str, Any]) -> Mapping[str, Any]:
    data = body.get("data")
    alone = data[0] if isinstance(data, list) and len(data) == 1 else None
    return alone if isinstance(alone, dict) else body
