"""Heroku.

https://devcenter.heroku.com/articles/oauth
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack, cast

from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import ask
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Heroku", "HerokuProfile"]

_VERSION = ("accept", "application/vnd.heroku+json; version=3")


class HerokuProfile(TypedDict):
    """Fields of ``GET /account`` that are read."""

    id: str
    name: NotRequired[str | None]
    email: NotRequired[str]


def Heroku(**options: Unpack[OAuth2Options]) -> OAuth2[HerokuProfile]:
    """Sign in with Heroku."""
    return OAuth2(
        id="heroku",
        name="Heroku",
        authorization="https://id.heroku.com/oauth/authorize",
        token="https://id.heroku.com/oauth/token",
        userinfo="https://api.heroku.com/account",
        scope="identity",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        fetch_profile=_fetch,
        profile=_user,
        style=Style(brand="#430098"),
    ).override(options)


def _user(profile: HerokuProfile, _tokens: TokenSet) -> User:
    # Its field ``verified`` is about a payment method, not about the address.
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "name"),
        email=first_text(profile, "email"),
    )


async def _fetch(http: Http, tokens: TokenSet, provider: OAuth2[HerokuProfile]) -> HerokuProfile:
    """The account; without a version in the request there is no answer."""
    return cast("HerokuProfile", await ask(http, provider.userinfo, tokens, headers=(_VERSION,)))
