"""GitLab.

https://docs.gitlab.com/api/oauth2/
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["GitLab", "GitLabProfile"]


class GitLabProfile(TypedDict):
    """Fields of ``GET /api/v4/user`` that are read."""

    id: int
    sub: NotRequired[str]
    username: str
    name: str | None
    email: str | None
    confirmed_at: NotRequired[str | None]
    avatar_url: str | None


def GitLab(
    *, base_url: str = "https://gitlab.com", **options: Unpack[OAuth2Options]
) -> OAuth2[GitLabProfile]:
    """Sign in with gitlab.com, or with your own GitLab at ``base_url``.

    The address of somebody who did not confirm it yet is not taken.
    """
    base = base_url.rstrip("/")
    return OAuth2(
        id="gitlab",
        name="GitLab",
        authorization=f"{base}/oauth/authorize",
        token=f"{base}/oauth/token",
        userinfo=f"{base}/api/v4/user",
        scope="read_user",
        profile=_user,
        style=Style(brand="#FC6D26", text="#fff"),
    ).override(options)


def _user(profile: GitLabProfile, _tokens: TokenSet) -> User:
    unconfirmed = profile.get("confirmed_at", "unknown") is None
    return User(
        id=account_id(profile, "sub", "id"),
        name=first_text(profile, "name", "username"),
        email=None if unconfirmed else first_text(profile, "email"),
        image=first_text(profile, "avatar_url"),
    )
