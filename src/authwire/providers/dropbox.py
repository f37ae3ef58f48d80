"""Dropbox.

https://developers.dropbox.com/oauth-guide
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NotRequired, TypedDict, Unpack, cast

from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.protocol.oauth2 import build_userinfo_request, process_userinfo_response
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Dropbox", "DropboxProfile"]


class DropboxProfile(TypedDict):
    """Fields of ``/2/users/get_current_account`` that are read."""

    account_id: str
    name: NotRequired[Mapping[str, Any]]
    email: NotRequired[str]
    email_verified: NotRequired[bool]
    profile_photo_url: NotRequired[str]


def Dropbox(**options: Unpack[OAuth2Options]) -> OAuth2[DropboxProfile]:
    """Sign in with Dropbox. An address that Dropbox calls unverified is not taken."""
    return OAuth2(
        id="dropbox",
        name="Dropbox",
        authorization="https://www.dropbox.com/oauth2/authorize",
        token="https://api.dropboxapi.com/oauth2/token",
        userinfo="https://api.dropboxapi.com/2/users/get_current_account",
        scope="account_info.read",
        params={"token_access_type": "offline"},
        fetch_profile=_fetch,
        profile=_user,
        style=Style(brand="#0061fe"),
    ).override(options)


async def _fetch(http: Http, tokens: TokenSet, provider: OAuth2[DropboxProfile]) -> DropboxProfile:
    # Dropbox answers calls of its API to POST only.
    request = build_userinfo_request(f"{provider.userinfo}", access_token=tokens.access_token or "")
    response = await http.send(replace(request, method="POST"))
    return cast("DropboxProfile", process_userinfo_response(response, expected_sub=None))


def _user(profile: DropboxProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "account_id"),
        name=first_text(part(profile, "name"), "display_name"),
        email=trusted_email(profile),
        image=first_text(profile, "profile_photo_url"),
    )
