"""Spotify.

https://developer.spotify.com/documentation/web-api/tutorials/code-flow
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._listed import first_object
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Spotify", "SpotifyProfile"]


class SpotifyProfile(TypedDict):
    """Fields of ``GET /v1/me`` that are read."""

    id: str
    display_name: NotRequired[str | None]
    images: NotRequired[Sequence[Mapping[str, Any]]]


def Spotify(**options: Unpack[OAuth2Options]) -> OAuth2[SpotifyProfile]:
    """Sign in with Spotify.

    Its reference says that nobody proved to own the address it tells, so none is taken. To show one
    all the same, or to treat it as a guess, read it in a ``profile`` function of your own.
    """
    return OAuth2(
        id="spotify",
        name="Spotify",
        authorization="https://accounts.spotify.com/authorize",
        token="https://accounts.spotify.com/api/token",
        userinfo="https://api.spotify.com/v1/me",
        scope="user-read-email",
        profile=_user,
        style=Style(brand="#1db954"),
    ).override(options)


def _user(profile: SpotifyProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "display_name"),
        image=first_text(first_object(profile, "images"), "url"),
    )
