"""Stack Exchange, the network of Stack Overflow.

https://api.stackexchange.com/docs/authentication
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, TypedDict, Unpack, cast

from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._listed import first_object
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import ask_by_query, bearer_if_missing
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["StackExchange", "StackExchangeProfile"]


class StackExchangeProfile(TypedDict):
    """What is read of ``GET /2.3/me``."""

    items: list[Mapping[str, Any]]


def StackExchange(
    *, key: str, site: str = "stackoverflow", **options: Unpack[OAuth2Options]
) -> OAuth2[StackExchangeProfile]:
    """Sign in with Stack Exchange, which tells no e-mail address.

    The account id is that of the whole network; ``user_id`` would be another one on each site.

    Args:
        key: the app's request key, which comes along with id and secret.
        site: where name and picture are from; the user must have joined it.
    """
    return OAuth2(
        id="stackexchange",
        name="Stack Exchange",
        authorization="https://stackoverflow.com/oauth",
        token="https://stackoverflow.com/oauth/access_token/json",
        userinfo="https://api.stackexchange.com/2.3/me",
        scope="",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        fetch_profile=partial(_fetch, {"key": key, "site": site}),
        conform_token=bearer_if_missing,
        profile=_user,
        style=Style(brand="#1E5397"),
    ).override(options)


def _user(profile: StackExchangeProfile, _tokens: TokenSet) -> User:
    me = first_object(profile, "items")
    return User(
        id=account_id(me, "account_id"),
        name=first_text(me, "display_name"),
        image=first_text(me, "profile_image"),
    )


async def _fetch(
    app: Mapping[str, str], http: Http, tokens: TokenSet, provider: OAuth2[StackExchangeProfile]
) -> StackExchangeProfile:
    query = {**app, "access_token": tokens.access_token or ""}
    return cast("StackExchangeProfile", await ask_by_query(http, provider.userinfo, query))
