"""Reddit.

https://github.com/reddit-archive/reddit/wiki/OAuth2
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Reddit", "RedditProfile"]


class RedditProfile(TypedDict):
    """Fields of ``GET /api/v1/me`` that are read."""

    id: str
    name: NotRequired[str]


def Reddit(**options: Unpack[OAuth2Options]) -> OAuth2[RedditProfile]:
    """Sign in with Reddit, which tells no e-mail address."""
    return OAuth2(
        id="reddit",
        name="Reddit",
        authorization="https://www.reddit.com/api/v1/authorize",
        token="https://www.reddit.com/api/v1/access_token",
        userinfo="https://oauth.reddit.com/api/v1/me",
        scope="identity",
        # It does not know PKCE.
        checks=("state",),
        profile=_user,
        style=Style(brand="#FF4500"),
    ).override(options)


def _user(profile: RedditProfile, _tokens: TokenSet) -> User:
    return User(id=account_id(profile, "id"), name=first_text(profile, "name"))
