"""Linear.

https://linear.app/developers/oauth-2-0-authentication
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._graphql import graphql
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Linear", "LinearProfile"]


class LinearProfile(TypedDict):
    """What is read of the answer to the GraphQL query ``viewer``."""

    data: Mapping[str, Any]


def Linear(**options: Unpack[OAuth2Options]) -> OAuth2[LinearProfile]:
    """Sign in with Linear. The account is that of one workspace, which the user picks."""
    return OAuth2(
        id="linear",
        name="Linear",
        authorization="https://linear.app/oauth/authorize",
        token="https://api.linear.app/oauth/token",
        userinfo="https://api.linear.app/graphql",
        scope="read",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        fetch_profile=graphql("{ viewer { id name email avatarUrl } }"),
        profile=_user,
        style=Style(brand="#5E6AD2"),
    ).override(options)


def _user(profile: LinearProfile, _tokens: TokenSet) -> User:
    viewer = part(profile, "data", "viewer")
    return User(
        id=account_id(viewer, "id"),
        name=first_text(viewer, "name"),
        email=first_text(viewer, "email"),
        image=first_text(viewer, "avatarUrl"),
    )
