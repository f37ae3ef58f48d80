"""Trovo.

https://developer.trovo.live/docs/APIs.html
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import NotRequired, TypedDict, Unpack, cast
from urllib.parse import parse_qsl

from authwire.http import HttpRequest, HttpResponse
from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import ask, reshape
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Trovo", "TrovoProfile"]


class TrovoProfile(TypedDict):
    """Fields of ``GET /openplatform/getuserinfo`` that are read."""

    userId: str
    userName: NotRequired[str]
    nickName: NotRequired[str]
    email: NotRequired[str]
    profilePic: NotRequired[str]


def Trovo(**options: Unpack[OAuth2Options]) -> OAuth2[TrovoProfile]:
    """Sign in with Trovo."""
    return OAuth2(
        id="trovo",
        name="Trovo",
        authorization="https://open.trovo.live/page/login.html",
        token="https://open-api.trovo.live/openplatform/exchangetoken",
        userinfo="https://open-api.trovo.live/openplatform/getuserinfo",
        scope="user_details_self",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        conform_token_request=_as_json,
        conform_token=_bearer,
        fetch_profile=_fetch,
        profile=_user,
        style=Style(brand="#19D65C"),
    ).override(options)


def _user(profile: TrovoProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "userId"),
        name=first_text(profile, "nickName", "userName"),
        email=first_text(profile, "email"),
        image=first_text(profile, "profilePic"),
    )


def _as_json(request: HttpRequest) -> HttpRequest:
    """The parameters as a JSON object, but for the client id, which stands in a header."""
    params = dict(parse_qsl((request.body or b"").decode()))
    headers = {
        **dict(request.headers),
        "content-type": "application/json",
        "client-id": params.pop("client_id", ""),
    }
    return replace(request, headers=tuple(headers.items()), body=json.dumps(params).encode())


def _bearer(response: HttpResponse) -> HttpResponse:
    """The type they state is ``OAuth``, the word to put before the token."""
    return reshape(response, lambda body: {**body, "token_type": "bearer"})


async def _fetch(http: Http, tokens: TokenSet, provider: OAuth2[TrovoProfile]) -> TrovoProfile:
    headers = (("client-id", provider.client_id),)
    profile = await ask(http, provider.userinfo, tokens, scheme="OAuth", headers=headers)
    return cast("TrovoProfile", profile)
