"""HubSpot.

https://developers.hubspot.com/docs/api-reference/auth-oauth-v3/guide
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict, Unpack, cast
from urllib.parse import urlencode

from authwire.errors import ProtocolError
from authwire.http import HttpRequest
from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.protocol.oauth2 import process_userinfo_response
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["HubSpot", "HubSpotProfile"]

_API = "https://api.hubapi.com/oauth/v3"


class HubSpotProfile(TypedDict):
    """Fields of the token introspection that are read."""

    user_id: int
    user: NotRequired[str]


def HubSpot(**options: Unpack[OAuth2Options]) -> OAuth2[HubSpotProfile]:
    """Sign in with HubSpot, which tells an address and no name."""
    return OAuth2(
        id="hubspot",
        name="HubSpot",
        authorization="https://app.hubspot.com/oauth/authorize",
        token=f"{_API}/token",
        userinfo=f"{_API}/token/introspect",
        scope="oauth",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        fetch_profile=_fetch,
        profile=_user,
        style=Style(brand="#ff7a59", text="#fff"),
    ).override(options)


async def _fetch(http: Http, tokens: TokenSet, provider: OAuth2[HubSpotProfile]) -> HubSpotProfile:
    """HubSpot has no userinfo endpoint: whose a token is, is asked of the token."""
    secret = provider.client_secret
    form = {
        "client_id": provider.client_id,
        "client_secret": secret if isinstance(secret, str) else "",
        "token": tokens.access_token or "",
        "token_type_hint": "access_token",
    }
    request = HttpRequest(
        method="POST",
        url=f"{provider.userinfo}",
        headers=(
            ("accept", "application/json"),
            ("content-type", "application/x-www-form-urlencoded"),
        ),
        body=urlencode(form).encode("ascii"),
    )
    answer: dict[str, Any] = process_userinfo_response(await http.send(request), expected_sub=None)
    if answer.get("active") is not True:
        raise ProtocolError("HubSpot does not call its access token active")
    return cast("HubSpotProfile", answer)


def _user(profile: HubSpotProfile, _tokens: TokenSet) -> User:
    email = first_text(profile, "user")
    return User(id=account_id(profile, "user_id"), name=email, email=email)
