"""Odnoklassniki (OK).

https://apiok.ru/en/ext/oauth/server
"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import NotRequired, TypedDict, Unpack, cast

from authwire.errors import ProtocolError
from authwire.http import HttpResponse
from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._claims import full_name
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import ask_by_query, reshape
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Odnoklassniki", "OdnoklassnikiProfile"]


class OdnoklassnikiProfile(TypedDict):
    """Fields of ``users.getCurrentUser`` that are read."""

    uid: str
    name: NotRequired[str]
    first_name: NotRequired[str]
    last_name: NotRequired[str]
    email: NotRequired[str]
    pic_3: NotRequired[str]


def Odnoklassniki(
    *, application_key: str, **options: Unpack[OAuth2Options]
) -> OAuth2[OdnoklassnikiProfile]:
    """Sign in with Odnoklassniki. Scopes are separated by semicolons.

    Args:
        application_key: the app's public key, which comes along with id and secret.
    """
    return OAuth2(
        id="odnoklassniki",
        name="Odnoklassniki",
        authorization="https://connect.ok.ru/oauth/authorize",
        token="https://api.ok.ru/oauth/token.do",
        userinfo="https://api.ok.ru/fb.do",
        scope="VALUABLE_ACCESS;GET_EMAIL",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        fetch_profile=partial(_fetch, application_key),
        conform_token=_bearer,
        profile=_user,
        style=Style(brand="#EE8208"),
    ).override(options)


def _user(profile: OdnoklassnikiProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "uid"),
        name=first_text(profile, "name") or full_name(profile, "first_name", "last_name"),
        email=first_text(profile, "email"),
        image=first_text(profile, "pic_3"),
    )


def _bearer(response: HttpResponse) -> HttpResponse:
    """The type they state is ``session``, as their own protocol has it."""
    return reshape(response, lambda body: {**body, "token_type": "bearer"})


async def _fetch(
    key: str, http: Http, tokens: TokenSet, provider: OAuth2[OdnoklassnikiProfile]
) -> OdnoklassnikiProfile:
    """The user; each request is signed with the client secret, by MD5 as they prescribe."""
    secret, token = provider.client_secret, tokens.access_token or ""
    if not isinstance(secret, str):
        raise ProtocolError("Odnoklassniki wants requests signed with a client secret that is text")
    call = {"application_key": key, "format": "json", "method": "users.getCurrentUser"}
    signed = "".join(f"{name}={call[name]}" for name in sorted(call)) + _md5(token + secret)
    query = {**call, "sig": _md5(signed), "access_token": token}
    return cast("OdnoklassnikiProfile", await ask_by_query(http, provider.userinfo, query))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
