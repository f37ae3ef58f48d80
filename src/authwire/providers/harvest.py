"""Harvest.

https://help.getharvest.com/api-v2/authentication-api/authentication/authentication/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack, cast

from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._claims import full_name, part
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import ask
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Harvest", "HarvestProfile"]


class HarvestProfile(TypedDict):
    """What is read of ``GET /api/v2/accounts``."""

    user: Mapping[str, Any]


def Harvest(**options: Unpack[OAuth2Options]) -> OAuth2[HarvestProfile]:
    """Sign in with a Harvest ID. The user picks the accounts that the app may read."""
    return OAuth2(
        id="harvest",
        name="Harvest",
        authorization="https://id.getharvest.com/oauth2/authorize",
        token="https://id.getharvest.com/api/v2/oauth2/token",
        userinfo="https://id.getharvest.com/api/v2/accounts",
        scope="",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        fetch_profile=_fetch,
        profile=_user,
        style=Style(brand="#FA5D00"),
    ).override(options)


def _user(profile: HarvestProfile, _tokens: TokenSet) -> User:
    user = part(profile, "user")
    return User(
        id=account_id(user, "id"),
        name=full_name(user, "first_name", "last_name"),
        email=first_text(user, "email"),
    )


async def _fetch(http: Http, tokens: TokenSet, provider: OAuth2[HarvestProfile]) -> HarvestProfile:
    """The user; Harvest refuses requests that do not say which program they are from."""
    agent = ("user-agent", "authwire")
    return cast("HarvestProfile", await ask(http, provider.userinfo, tokens, headers=(agent,)))
