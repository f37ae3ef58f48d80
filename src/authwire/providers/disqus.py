"""Disqus.

https://disqus.com/api/docs/auth/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack, cast

from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import ask_by_query
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Disqus", "DisqusProfile"]


class DisqusProfile(TypedDict):
    """What is read of ``GET /api/3.0/users/details.json``."""

    response: Mapping[str, Any]


def Disqus(**options: Unpack[OAuth2Options]) -> OAuth2[DisqusProfile]:
    """Sign in with Disqus. Scopes are separated by commas."""
    return OAuth2(
        id="disqus",
        name="Disqus",
        authorization="https://disqus.com/api/oauth/2.0/authorize/",
        token="https://disqus.com/api/oauth/2.0/access_token/",
        userinfo="https://disqus.com/api/3.0/users/details.json",
        scope="read,email",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        fetch_profile=_fetch,
        profile=_user,
        style=Style(brand="#2E9FFF"),
    ).override(options)


def _user(profile: DisqusProfile, _tokens: TokenSet) -> User:
    user = part(profile, "response")
    return User(
        id=account_id(user, "id"),
        name=first_text(user, "name", "username"),
        email=first_text(user, "email"),
        image=first_text(part(user, "avatar"), "permalink"),
    )


async def _fetch(http: Http, tokens: TokenSet, provider: OAuth2[DisqusProfile]) -> DisqusProfile:
    query = {"access_token": tokens.access_token or "", "api_key": provider.client_id}
    return cast("DisqusProfile", await ask_by_query(http, provider.userinfo, query))
