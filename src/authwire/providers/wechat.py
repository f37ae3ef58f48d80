"""WeChat.

https://developers.weixin.qq.com/doc/offiaccount/en/OA_Web_Apps/Wechat_webpage_authorization.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict, Unpack, cast

from authwire.http import HttpResponse
from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import ask_by_query, reshape
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["WeChat", "WeChatProfile"]


class WeChatProfile(TypedDict):
    """Fields of ``GET /sns/userinfo`` that are read."""

    unionid: NotRequired[str]
    openid: str
    nickname: NotRequired[str]
    headimgurl: NotRequired[str]


def WeChat(
    *,
    platform_type: Literal["OfficialAccount", "WebsiteApp"] = "OfficialAccount",
    **options: Unpack[OAuth2Options],
) -> OAuth2[WeChatProfile]:
    """Sign in inside WeChat, or on a website by QR code (``WebsiteApp``). It tells no address.

    The account id is the ``unionid``, which an app has once it is bound to an Open Platform account;
    without one the ``openid``, which differs from app to app. Bind the app before its first user.
    """
    inside = platform_type == "OfficialAccount"
    page = "oauth2/authorize" if inside else "qrconnect"
    return OAuth2(
        id="wechat",
        name="WeChat",
        authorization=f"https://open.weixin.qq.com/connect/{page}",
        token="https://api.weixin.qq.com/sns/oauth2/access_token",
        userinfo="https://api.weixin.qq.com/sns/userinfo",
        scope="snsapi_userinfo" if inside else "snsapi_login",
        checks=("state",),
        fetch_profile=_fetch,
        conform_token=_conform,
        profile=_user,
        derive=_app,
        style=Style(brand="#fff", text="#000"),
    ).override(options)


def _user(profile: WeChatProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "unionid", "openid"),
        name=first_text(profile, "nickname"),
        image=first_text(profile, "headimgurl"),
    )


def _app(provider: OAuth2[WeChatProfile]) -> Mapping[str, Any]:
    """WeChat's own names for the client's id and secret."""
    app = {"appid": provider.client_id}
    secret = provider.client_secret
    token_params = {**app, "secret": secret} if isinstance(secret, str) else app
    return {"params": {**provider.params, **app}, "token_params": token_params}


def _conform(response: HttpResponse) -> HttpResponse:
    return reshape(response, _standard)


def _standard(body: dict[str, Any]) -> dict[str, Any]:
    """WeChat leaves out the token type, and sends errors as ``{"errcode": 40029, "errmsg": …}``."""
    if body.get("errcode"):
        return {"error": str(body["errcode"]), "error_description": body.get("errmsg")}
    return {**body, "token_type": "bearer"}


async def _fetch(http: Http, tokens: TokenSet, provider: OAuth2[WeChatProfile]) -> WeChatProfile:
    openid = account_id(tokens.extra, "openid")
    query = {"access_token": tokens.access_token or "", "openid": openid, "lang": "zh_CN"}
    return cast("WeChatProfile", await ask_by_query(http, provider.userinfo, query))
