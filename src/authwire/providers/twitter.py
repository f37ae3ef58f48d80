"""X, formerly Twitter.

https://docs.x.com/resources/fundamentals/authentication/oauth-2-0/authorization-code
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack, cast

from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import ask
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Twitter", "TwitterProfile"]


class TwitterProfile(TypedDict):
    """The answer of ``GET /2/users/me``."""

    data: Mapping[str, Any]
    """``id``, ``name``, ``profile_image_url`` and ``confirmed_email`` are read."""


def Twitter(**options: Unpack[OAuth2Options]) -> OAuth2[TwitterProfile]:
    """Sign in with X (Twitter), through version 2 of its API.

    X tells the address only to apps that may ask for it: switch that on at X, and add
    ``users.email`` to ``scope``.
    """
    return OAuth2(
        id="twitter",
        name="Twitter",
        authorization="https://x.com/i/oauth2/authorize",
        token="https://api.x.com/2/oauth2/token",
        userinfo="https://api.x.com/2/users/me?user.fields=profile_image_url",
        scope="users.read tweet.read offline.access",
        checks=("pkce", "state"),
        fetch_profile=_fetch,
        profile=_user,
        style=Style(brand="#1da1f2", text="#fff"),
    ).override(options)


def _user(profile: TwitterProfile, _tokens: TokenSet) -> User:
    data = part(profile, "data")
    return User(
        id=account_id(data, "id"),
        name=first_text(data, "name"),
        email=first_text(data, "confirmed_email"),
        image=first_text(data, "profile_image_url"),
    )


async def _fetch(http: Http, tokens: TokenSet, provider: OAuth2[TwitterProfile]) -> TwitterProfile:
    # Without the scope for it, X answers a request for the address with an error.
    may_ask = "users.email" in (tokens.scope or "").split()
    url = f"{provider.userinfo}{',confirmed_email' if may_ask else ''}"
    return cast("TwitterProfile", await ask(http, url, tokens))
