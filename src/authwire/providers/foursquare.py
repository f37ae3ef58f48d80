"""Foursquare.

https://docs.foursquare.com/developer/reference/authentication
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack, cast
from urllib.parse import parse_qsl

from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._claims import full_name, part
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import ask_by_query, bearer_if_missing
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Foursquare", "FoursquareProfile"]


class FoursquareProfile(TypedDict):
    """Where the fields of ``GET /v2/users/self`` are."""

    response: Mapping[str, Any]


def Foursquare(
    *, api_version: str = "20230131", **options: Unpack[OAuth2Options]
) -> OAuth2[FoursquareProfile]:
    """Sign in with Foursquare.

    Args:
        api_version: a day, as ``YYYYMMDD``: the API answers as it did then.
    """
    return OAuth2(
        id="foursquare",
        name="Foursquare",
        authorization="https://foursquare.com/oauth2/authenticate",
        token="https://foursquare.com/oauth2/access_token",
        userinfo=f"https://api.foursquare.com/v2/users/self?v={api_version}",
        scope="",  # there are none; an empty one counts as left out
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        conform_token=bearer_if_missing,
        fetch_profile=_fetch,
        profile=_user,
        style=Style(brand="#000", text="#fff"),
    ).override(options)


async def _fetch(
    http: Http, tokens: TokenSet, provider: OAuth2[FoursquareProfile]
) -> FoursquareProfile:
    """Foursquare wants the token in the query, not in a header."""
    url, _, query = (provider.userinfo or "").partition("?")
    params = {**dict(parse_qsl(query)), "oauth_token": tokens.access_token or ""}
    return cast("FoursquareProfile", await ask_by_query(http, url, params))


def _user(profile: FoursquareProfile, _tokens: TokenSet) -> User:
    user = part(profile, "response", "user")
    photo = part(user, "photo")
    prefix, suffix = first_text(photo, "prefix"), first_text(photo, "suffix")
    return User(
        id=account_id(user, "id"),
        name=full_name(user, "firstName", "lastName"),
        email=first_text(part(user, "contact"), "email"),
        image=f"{prefix}original{suffix}" if prefix and suffix else None,
    )
