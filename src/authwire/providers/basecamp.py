"""Basecamp.

https://github.com/basecamp/api/blob/master/sections/authentication.md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import full_name, part
from authwire.providers._profile import account_id
from authwire.providers._quirks import bearer_if_missing
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Basecamp", "BasecampProfile"]


class BasecampProfile(TypedDict):
    """What is read of ``GET /authorization.json``."""

    identity: Mapping[str, Any]


def Basecamp(**options: Unpack[OAuth2Options]) -> OAuth2[BasecampProfile]:
    """Sign in with Basecamp. Its e-mail address is not taken: Basecamp lets everybody claim any."""
    return OAuth2(
        id="basecamp",
        name="Basecamp",
        authorization="https://launchpad.37signals.com/authorization/new",
        # Draft 5 of OAuth 2: the flow has a name, and both endpoints want to hear it.
        token="https://launchpad.37signals.com/authorization/token?type=web_server",
        userinfo="https://launchpad.37signals.com/authorization.json",
        scope="",
        params={"type": "web_server"},
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        conform_token=bearer_if_missing,
        profile=_user,
        style=Style(brand="#1D2D35"),
    ).override(options)


def _user(profile: BasecampProfile, _tokens: TokenSet) -> User:
    identity = part(profile, "identity")
    return User(id=account_id(identity, "id"), name=full_name(identity, "first_name", "last_name"))
