"""TikTok.

https://developers.tiktok.com/doc/login-kit-web/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["TikTok", "TikTokProfile"]


class TikTokProfile(TypedDict):
    """The answer of ``GET /v2/user/info/``."""

    data: Mapping[str, Any]
    """In ``user``: ``open_id``, ``display_name`` and ``avatar_url``."""


def TikTok(**options: Unpack[OAuth2Options]) -> OAuth2[TikTokProfile]:
    """Sign in with TikTok, which tells no e-mail address. The user's id differs from app to app.

    TikTok calls the client id ``client_key``, in both requests.
    """
    return OAuth2(
        id="tiktok",
        name="TikTok",
        authorization="https://www.tiktok.com/v2/auth/authorize",
        token="https://open.tiktokapis.com/v2/oauth/token/",
        userinfo="https://open.tiktokapis.com/v2/user/info/?fields=open_id,avatar_url,display_name",
        scope="user.info.basic",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        derive=_client_key,
        style=Style(brand="#000", text="#fff"),
    ).override(options)


def _user(profile: TikTokProfile, _tokens: TokenSet) -> User:
    user = part(profile, "data", "user")
    return User(
        id=account_id(user, "open_id"),
        name=first_text(user, "display_name"),
        image=first_text(user, "avatar_url"),
    )


def _client_key(provider: OAuth2[TikTokProfile]) -> Mapping[str, Any]:
    key = {"client_key": provider.client_id}
    return {"params": {**provider.params, **key}, "token_params": key}
