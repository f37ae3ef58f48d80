"""Weibo.

https://open.weibo.com/wiki/Oauth2/access_token
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack, cast

from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import ask_by_query, bearer_if_missing
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Weibo", "WeiboProfile"]


class WeiboProfile(TypedDict):
    """Fields of ``GET /2/users/show.json`` that are read."""

    idstr: str
    screen_name: NotRequired[str]
    name: NotRequired[str]
    avatar_hd: NotRequired[str]
    avatar_large: NotRequired[str]


def Weibo(**options: Unpack[OAuth2Options]) -> OAuth2[WeiboProfile]:
    """Sign in with Weibo, which tells no e-mail address."""
    return OAuth2(
        id="weibo",
        name="Weibo",
        authorization="https://api.weibo.com/oauth2/authorize",
        token="https://api.weibo.com/oauth2/access_token",
        userinfo="https://api.weibo.com/2/users/show.json",
        scope="",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        fetch_profile=_fetch,
        conform_token=bearer_if_missing,
        profile=_user,
        style=Style(brand="#E6162D"),
    ).override(options)


def _user(profile: WeiboProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "idstr"),
        name=first_text(profile, "screen_name", "name"),
        image=first_text(profile, "avatar_hd", "avatar_large"),
    )


async def _fetch(http: Http, tokens: TokenSet, provider: OAuth2[WeiboProfile]) -> WeiboProfile:
    """The user whom the token response names: there is no address for "the one of this token"."""
    query = {"access_token": tokens.access_token or "", "uid": account_id(tokens.extra, "uid")}
    return cast("WeiboProfile", await ask_by_query(http, provider.userinfo, query))
