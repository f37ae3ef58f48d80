"""Mail.ru.

https://id.vk.com/about/business/go/docs/ru/vkid/latest/oauth/oauth-mail/index
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack, cast

from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import ask_by_query, bearer_if_missing
from authwire.providers._types import OAuth2, OAuth2Options

__all__ = ["Mailru", "MailruProfile"]


class MailruProfile(TypedDict):
    """Fields of ``GET /userinfo`` that are read."""

    id: str
    name: NotRequired[str]
    nickname: NotRequired[str]
    email: NotRequired[str]
    image: NotRequired[str]


def Mailru(**options: Unpack[OAuth2Options]) -> OAuth2[MailruProfile]:
    """Sign in with Mail.ru, whose documentation has the access token in the query only."""
    return OAuth2(
        id="mailru",
        name="Mail.ru",
        authorization="https://oauth.mail.ru/login",
        token="https://oauth.mail.ru/token",
        userinfo="https://oauth.mail.ru/userinfo",
        scope="userinfo",
        checks=("pkce", "state"),
        fetch_profile=_fetch,
        conform_token=bearer_if_missing,
        profile=_user,
    ).override(options)


def _user(profile: MailruProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "name", "nickname"),
        email=first_text(profile, "email"),
        image=first_text(profile, "image"),
    )


async def _fetch(http: Http, tokens: TokenSet, provider: OAuth2[MailruProfile]) -> MailruProfile:
    query = {"access_token": tokens.access_token or ""}
    return cast("MailruProfile", await ask_by_query(http, provider.userinfo, query))
