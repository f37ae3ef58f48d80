"""Bungie.net.

https://github.com/Bungie-net/api/wiki/OAuth-Documentation
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

__all__ = ["Bungie", "BungieProfile"]

_WEB = "https://www.bungie.net"


class BungieProfile(TypedDict):
    """Where the fields of the answer are."""

    Response: Mapping[str, Any]


def Bungie(*, api_key: str, **options: Unpack[OAuth2Options]) -> OAuth2[BungieProfile]:
    """Sign in with Bungie.net, which tells no address.

    Args:
        api_key: that of the app, which every request to the API carries.
    """

    async def fetch(http: Http, tokens: TokenSet, provider: OAuth2[BungieProfile]) -> BungieProfile:
        headers = (("x-api-key", api_key),)
        answer = await ask(http, provider.userinfo, tokens, headers=headers)
        return cast("BungieProfile", answer)

    return OAuth2(
        id="bungie",
        name="Bungie",
        authorization=f"{_WEB}/en/OAuth/Authorize",
        token=f"{_WEB}/platform/app/oauth/token/",
        # Whose token it is; other endpoints answer for whichever member they are asked about.
        userinfo=f"{_WEB}/Platform/User/GetMembershipsForCurrentUser/",
        # What the app may do is set at Bungie; an empty scope counts as left out.
        scope="",
        params={"reauth": "true"},
        checks=("pkce", "state"),
        fetch_profile=fetch,
        profile=_user,
        style=Style(brand="#0075bb", text="#fff"),
    ).override(options)


def _user(profile: BungieProfile, _tokens: TokenSet) -> User:
    user = part(profile, "Response", "bungieNetUser")
    picture = first_text(user, "profilePicturePath")
    return User(
        id=account_id(user, "membershipId"),
        name=first_text(user, "displayName"),
        image=picture and f"{_WEB}/{picture.removeprefix('/')}",
    )
