"""Trakt.

https://trakt.docs.apiary.io/#reference/authentication-oauth
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

__all__ = ["Trakt", "TraktProfile"]


class TraktProfile(TypedDict):
    """Fields of ``user`` in ``GET /users/settings`` that are read."""

    ids: Mapping[str, Any]
    """``uuid``; the ``slug`` beside it follows the user name."""
    name: NotRequired[str | None]
    images: NotRequired[Mapping[str, Any]]
    """In ``avatar``: ``full``, which Trakt does not allow other sites to embed."""


def Trakt(**options: Unpack[OAuth2Options]) -> OAuth2[TraktProfile]:
    """Sign in with Trakt, which tells no e-mail address.

    The account id is the ``uuid``. Auth.js takes the slug, which follows the user name: its owner
    can change it, and somebody else then have it. Accounts that it stored have to be rewritten.
    """
    return OAuth2(
        id="trakt",
        name="Trakt",
        authorization="https://trakt.tv/oauth/authorize",
        token="https://api.trakt.tv/oauth/token",
        userinfo="https://api.trakt.tv/users/settings",
        scope="",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        fetch_profile=_fetch,
        profile=_user,
        style=Style(brand="#ED2224", text="#fff"),
    ).override(options)


def _user(profile: TraktProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(part(profile, "ids"), "uuid"),
        name=first_text(profile, "name"),
        image=first_text(part(profile, "images", "avatar"), "full"),
    )


async def _fetch(http: Http, tokens: TokenSet, provider: OAuth2[TraktProfile]) -> TraktProfile:
    headers = [("trakt-api-version", "2"), ("trakt-api-key", provider.client_id)]
    settings = await ask(http, provider.userinfo, tokens, headers=headers)
    return cast("TraktProfile", dict(part(settings, "user")))
