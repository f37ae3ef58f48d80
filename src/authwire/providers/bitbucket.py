"""Bitbucket.

https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Bitbucket", "BitbucketProfile"]


class BitbucketProfile(TypedDict):
    """Fields of ``GET /2.0/user`` that are read."""

    account_id: str
    display_name: NotRequired[str]
    username: NotRequired[str]
    links: NotRequired[Mapping[str, Any]]


def Bitbucket(**options: Unpack[OAuth2Options]) -> OAuth2[BitbucketProfile]:
    """Sign in with Bitbucket Cloud, which tells no address here."""
    return OAuth2(
        id="bitbucket",
        name="Bitbucket",
        authorization="https://bitbucket.org/site/oauth2/authorize",
        token="https://bitbucket.org/site/oauth2/access_token",
        userinfo="https://api.bitbucket.org/2.0/user",
        scope="account",
        checks=("pkce", "state"),
        profile=_user,
        style=Style(brand="#205081", text="#fff"),
    ).override(options)


def _user(profile: BitbucketProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "account_id"),
        name=first_text(profile, "display_name", "username"),
        image=first_text(part(profile, "links", "avatar"), "href"),
    )
