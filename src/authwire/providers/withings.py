"""Withings.

https://developer.withings.com/api-reference/#tag/oauth2
"""

from __future__ import annotations

from typing import TypedDict, Unpack, cast

from authwire.http import HttpResponse
from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._claims import part
from authwire.providers._profile import account_id
from authwire.providers._quirks import reshape
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Withings", "WithingsProfile"]


class WithingsProfile(TypedDict):
    """What is read of the token response."""

    userid: str | int


def Withings(**options: Unpack[OAuth2Options]) -> OAuth2[WithingsProfile]:
    """Sign in with Withings, which tells nothing but the account id, and that with the tokens."""
    return OAuth2(
        id="withings",
        name="Withings",
        authorization="https://account.withings.com/oauth2_user/authorize2",
        token="https://wbsapi.withings.net/v2/oauth2",
        scope="user.info",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        token_params={"action": "requesttoken"},
        conform_token=_unwrapped,
        fetch_profile=_fetch,
        profile=_user,
        style=Style(brand="#00A5A5"),
    ).override(options)


def _user(profile: WithingsProfile, _tokens: TokenSet) -> User:
    return User(id=account_id(profile, "userid"))


def _unwrapped(response: HttpResponse) -> HttpResponse:
    """The tokens stand in ``body``, beside a ``status`` that is 0 if all went well."""

    def change(answer: dict[str, object]) -> dict[str, object]:
        if answer.get("status") != 0:
            return {"error": "invalid_request", "error_description": f"{answer.get('error')}"}
        return dict(part(answer, "body"))

    return reshape(response, change)


def _fetch(_http: Http, tokens: TokenSet, _provider: OAuth2[WithingsProfile]) -> WithingsProfile:
    return cast("WithingsProfile", {"userid": tokens.extra.get("userid")})
