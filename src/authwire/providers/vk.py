"""VK.

https://dev.vk.com/en/api/access-token/authcode-flow-user
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack, cast

from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._claims import full_name
from authwire.providers._listed import first_object
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import ask, bearer_if_missing
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["VK", "VKProfile"]

_VERSION = "5.131"  # of the API; it must be named in every request


class VKProfile(TypedDict):
    """Fields of ``users.get`` that are read, and the address from the token response."""

    id: int
    first_name: NotRequired[str]
    last_name: NotRequired[str]
    photo_100: NotRequired[str]
    email: NotRequired[str | None]


def VK(**options: Unpack[OAuth2Options]) -> OAuth2[VKProfile]:
    """Sign in with VK. The address comes with the token, not with the profile."""
    return OAuth2(
        id="vk",
        name="VK",
        authorization="https://oauth.vk.com/authorize",
        token=f"https://oauth.vk.com/access_token?v={_VERSION}",
        userinfo=f"https://api.vk.com/method/users.get?fields=photo_100&v={_VERSION}",
        scope="email",
        params={"v": _VERSION},
        # It refuses requests with PKCE.
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        fetch_profile=_fetch,
        conform_token=bearer_if_missing,
        profile=_user,
        style=Style(brand="#07F", text="#fff"),
    ).override(options)


def _user(profile: VKProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=full_name(profile, "first_name", "last_name"),
        email=first_text(profile, "email"),
        image=first_text(profile, "photo_100"),
    )


async def _fetch(http: Http, tokens: TokenSet, provider: OAuth2[VKProfile]) -> VKProfile:
    answer = await ask(http, provider.userinfo, tokens)
    # Errors come with status 200. Nobody is found in them, and so no account id.
    told = first_object(answer, "response")
    return cast("VKProfile", {**told, "email": tokens.extra.get("email")})
