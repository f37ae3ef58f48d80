"""SoundCloud.

https://developers.soundcloud.com/docs/api/guide#authentication
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack, cast

from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import ask
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["SoundCloud", "SoundCloudProfile"]


class SoundCloudProfile(TypedDict):
    """Fields of ``GET /me`` that are read."""

    urn: str
    username: NotRequired[str]
    full_name: NotRequired[str]
    avatar_url: NotRequired[str]


def SoundCloud(**options: Unpack[OAuth2Options]) -> OAuth2[SoundCloudProfile]:
    """Sign in with SoundCloud, which tells no e-mail address. The account id is the ``urn``."""
    return OAuth2(
        id="soundcloud",
        name="SoundCloud",
        authorization="https://secure.soundcloud.com/authorize",
        token="https://secure.soundcloud.com/oauth/token",
        userinfo="https://api.soundcloud.com/me",
        scope="",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        fetch_profile=_fetch,
        profile=_user,
        style=Style(brand="#FF5500"),
    ).override(options)


def _user(profile: SoundCloudProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "urn"),
        name=first_text(profile, "full_name", "username"),
        image=first_text(profile, "avatar_url"),
    )


async def _fetch(
    http: Http, tokens: TokenSet, provider: OAuth2[SoundCloudProfile]
) -> SoundCloudProfile:
    profile = await ask(http, provider.userinfo, tokens, scheme="OAuth")
    return cast("SoundCloudProfile", profile)
