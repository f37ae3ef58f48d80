"""Threads.

https://developers.facebook.com/docs/threads/get-started/get-access-tokens-and-permissions
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import bearer_if_missing
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Threads", "ThreadsProfile"]


class ThreadsProfile(TypedDict):
    """Fields of ``GET /v1.0/me`` that are read; some answers have them inside ``data``."""

    id: str
    username: NotRequired[str]
    threads_profile_picture_url: NotRequired[str]


def Threads(**options: Unpack[OAuth2Options]) -> OAuth2[ThreadsProfile]:
    """Sign in with Threads, which tells no e-mail address. The user's id differs from app to app."""
    return OAuth2(
        id="threads",
        name="Threads",
        authorization="https://threads.net/oauth/authorize",
        token="https://graph.threads.net/oauth/access_token",
        userinfo="https://graph.threads.net/v1.0/me?fields=id,username,threads_profile_picture_url",
        scope="threads_basic",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        conform_token=bearer_if_missing,
        profile=_user,
        style=Style(brand="#000", text="#fff"),
    ).override(options)


def _user(profile: ThreadsProfile, _tokens: TokenSet) -> User:
    told = part(profile, "data") or profile
    return User(
        id=account_id(told, "id"),
        name=first_text(told, "username"),
        image=first_text(told, "threads_profile_picture_url"),
    )
