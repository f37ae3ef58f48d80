"""Baidu.

https://openauth.baidu.com/doc/doc.html
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack, cast
from urllib.parse import quote

from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import ask_by_query, bearer_if_missing
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Baidu", "BaiduProfile"]

_PORTRAITS = "https://himg.bdimg.com/sys/portrait/item"


class BaiduProfile(TypedDict):
    """Fields of ``getInfo`` that are read."""

    openid: str
    username: NotRequired[str]
    portrait: NotRequired[str]


def Baidu(**options: Unpack[OAuth2Options]) -> OAuth2[BaiduProfile]:
    """Sign in with Baidu, which tells no e-mail address.

    The account id is one that only this app sees; Baidu phases out its older ``userid``.
    """
    return OAuth2(
        id="baidu",
        name="Baidu",
        authorization="https://openapi.baidu.com/oauth/2.0/authorize",
        token="https://openapi.baidu.com/oauth/2.0/token",
        userinfo="https://openapi.baidu.com/rest/2.0/passport/users/getInfo",
        scope="basic",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        fetch_profile=_fetch,
        conform_token=bearer_if_missing,
        profile=_user,
        style=Style(brand="#2932E1"),
    ).override(options)


def _user(profile: BaiduProfile, _tokens: TokenSet) -> User:
    portrait = first_text(profile, "portrait")
    return User(
        id=account_id(profile, "openid"),
        name=first_text(profile, "username"),
        image=f"{_PORTRAITS}/{quote(portrait, safe='')}" if portrait else None,
    )


async def _fetch(http: Http, tokens: TokenSet, provider: OAuth2[BaiduProfile]) -> BaiduProfile:
    query = {"access_token": tokens.access_token or ""}
    return cast("BaiduProfile", await ask_by_query(http, provider.userinfo, query))
