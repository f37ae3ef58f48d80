"""Product Hunt.

https://api.producthunt.com/v2/docs/oauth_user_authentication/oauth_authorize_ask_for_access_grant_code_on_behalf_of_the_user
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._graphql import graphql
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["ProductHunt", "ProductHuntProfile"]


class ProductHuntProfile(TypedDict):
    """What is read of the answer to the GraphQL query ``viewer``."""

    data: Mapping[str, Any]


def ProductHunt(**options: Unpack[OAuth2Options]) -> OAuth2[ProductHuntProfile]:
    """Sign in with Product Hunt, which tells no e-mail address."""
    return OAuth2(
        id="producthunt",
        name="Product Hunt",
        authorization="https://api.producthunt.com/v2/oauth/authorize",
        token="https://api.producthunt.com/v2/oauth/token",
        userinfo="https://api.producthunt.com/v2/api/graphql",
        scope="public private",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        fetch_profile=graphql("{ viewer { user { id name username profileImage } } }"),
        profile=_user,
        style=Style(brand="#DA552F"),
    ).override(options)


def _user(profile: ProductHuntProfile, _tokens: TokenSet) -> User:
    user = part(profile, "data", "viewer", "user")
    return User(
        id=account_id(user, "id"),
        name=first_text(user, "name", "username"),
        image=first_text(user, "profileImage"),
    )
