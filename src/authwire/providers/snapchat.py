"""Snapchat (Login Kit).

https://developers.snap.com/snap-kit/login-kit/overview
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._graphql import graphql
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Snapchat", "SnapchatProfile"]

_SCOPES = "https://auth.snapchat.com/oauth2/api/user"


class SnapchatProfile(TypedDict):
    """What is read of the answer to the GraphQL query ``me``."""

    data: Mapping[str, Any]


def Snapchat(**options: Unpack[OAuth2Options]) -> OAuth2[SnapchatProfile]:
    """Sign in with Snapchat, which tells no e-mail address.

    The account id is one that only this app sees.
    """
    return OAuth2(
        id="snapchat",
        name="Snapchat",
        authorization="https://accounts.snapchat.com/accounts/oauth2/auth",
        token="https://accounts.snapchat.com/accounts/oauth2/token",
        userinfo="https://kit.snapchat.com/v1/me",
        scope=f"{_SCOPES}.external_id {_SCOPES}.display_name",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        fetch_profile=graphql("{ me { externalId displayName } }"),
        profile=_user,
        style=Style(brand="#FFFC00"),
    ).override(options)


def _user(profile: SnapchatProfile, _tokens: TokenSet) -> User:
    me = part(profile, "data", "me")
    return User(id=account_id(me, "externalId"), name=first_text(me, "displayName"))
