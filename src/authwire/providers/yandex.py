"""Yandex.

https://yandex.com/dev/id/doc/en/codes/code-url
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict, Unpack, cast

from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._claims import texts
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import ask
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Yandex", "YandexProfile"]


class YandexProfile(TypedDict):
    """Fields of ``GET /info`` that are read."""

    id: str
    display_name: NotRequired[str]
    real_name: NotRequired[str]
    first_name: NotRequired[str]
    default_email: NotRequired[str]
    emails: NotRequired[Sequence[str]]
    is_avatar_empty: NotRequired[bool]
    default_avatar_id: NotRequired[str]


def Yandex(**options: Unpack[OAuth2Options]) -> OAuth2[YandexProfile]:
    """Sign in with Yandex, which wants the access token as ``Authorization: OAuth …``."""
    return OAuth2(
        id="yandex",
        name="Yandex",
        authorization="https://oauth.yandex.ru/authorize",
        token="https://oauth.yandex.ru/token",
        userinfo="https://login.yandex.ru/info?format=json",
        scope="login:info login:email login:avatar",
        fetch_profile=_fetch,
        profile=_user,
        style=Style(brand="#ffcc00", text="#000"),
    ).override(options)


def _user(profile: YandexProfile, _tokens: TokenSet) -> User:
    avatar = None if profile.get("is_avatar_empty") else first_text(profile, "default_avatar_id")
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "display_name", "real_name", "first_name"),
        email=first_text(profile, "default_email") or next(iter(texts(profile, "emails")), None),
        image=avatar and f"https://avatars.yandex.net/get-yapic/{avatar}/islands-200",
    )


async def _fetch(http: Http, tokens: TokenSet, provider: OAuth2[YandexProfile]) -> YandexProfile:
    return cast("YandexProfile", await ask(http, provider.userinfo, tokens, scheme="OAuth"))
