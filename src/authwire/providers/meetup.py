"""Meetup.

https://www.meetup.com/graphql/authentication/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._graphql import graphql
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Meetup", "MeetupProfile"]


class MeetupProfile(TypedDict):
    """What is read of the answer to the GraphQL query ``self``."""

    data: Mapping[str, Any]


def Meetup(**options: Unpack[OAuth2Options]) -> OAuth2[MeetupProfile]:
    """Sign in with Meetup. Only id and name are asked for."""
    return OAuth2(
        id="meetup",
        name="Meetup",
        authorization="https://secure.meetup.com/oauth2/authorize",
        token="https://secure.meetup.com/oauth2/access",
        userinfo="https://api.meetup.com/gql-ext",
        scope="",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        fetch_profile=graphql("query { self { id name } }"),
        profile=_user,
        style=Style(brand="#ED1C40"),
    ).override(options)


def _user(profile: MeetupProfile, _tokens: TokenSet) -> User:
    me = part(profile, "data", "self")
    return User(id=account_id(me, "id"), name=first_text(me, "name"))
