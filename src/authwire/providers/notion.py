"""Notion.

https://developers.notion.com/docs/authorization
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, Unpack, cast

from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import ask
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Notion", "NotionProfile"]

_VERSION = "2022-06-28"  # of the API; it must be named in every request


class NotionProfile(TypedDict):
    """Fields of the person who gave the integration its access."""

    id: str
    name: NotRequired[str | None]
    avatar_url: NotRequired[str | None]
    person: NotRequired[Mapping[str, Any]]
    """``email``, if the integration may see addresses."""


def Notion(**options: Unpack[OAuth2Options]) -> OAuth2[NotionProfile]:
    """Sign in with Notion, through a public integration."""
    return OAuth2(
        id="notion",
        name="Notion",
        authorization="https://api.notion.com/v1/oauth/authorize",
        token="https://api.notion.com/v1/oauth/token",
        userinfo="https://api.notion.com/v1/users/me",
        params={"owner": "user"},
        checks=("pkce", "state"),
        fetch_profile=_fetch,
        profile=_user,
        style=Style(brand="#fff", text="#000"),
    ).override(options)


def _user(profile: NotionProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "name"),
        email=first_text(part(profile, "person"), "email"),
        image=first_text(profile, "avatar_url"),
    )


async def _fetch(http: Http, tokens: TokenSet, provider: OAuth2[NotionProfile]) -> NotionProfile:
    """The person behind the bot that the access token belongs to."""
    bot = await ask(http, provider.userinfo, tokens, headers=[("notion-version", _VERSION)])
    return cast("NotionProfile", dict(part(bot, "bot", "owner", "user")))
