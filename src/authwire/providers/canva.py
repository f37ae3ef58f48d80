"""Canva.

https://www.canva.dev/docs/connect/authentication/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, Unpack, cast

from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import ask
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Canva", "CanvaProfile"]


class CanvaProfile(TypedDict):
    """What is read of ``GET /v1/users/me`` and of ``GET /v1/users/me/profile``."""

    team_user: Mapping[str, Any]
    profile: NotRequired[Mapping[str, Any]]


def Canva(**options: Unpack[OAuth2Options]) -> OAuth2[CanvaProfile]:
    """Sign in with Canva, which tells no e-mail address."""
    return OAuth2(
        id="canva",
        name="Canva",
        authorization="https://www.canva.com/api/oauth/authorize",
        token="https://api.canva.com/rest/v1/oauth/token",
        userinfo="https://api.canva.com/rest/v1/users/me",
        scope="profile:read",
        checks=("pkce", "state"),
        fetch_profile=_fetch,
        profile=_user,
        style=Style(brand="#00C4CC"),
    ).override(options)


def _user(profile: CanvaProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(part(profile, "team_user"), "user_id"),
        name=first_text(part(profile, "profile"), "display_name"),
    )


async def _fetch(http: Http, tokens: TokenSet, provider: OAuth2[CanvaProfile]) -> CanvaProfile:
    """Id and name, which stand at two addresses."""
    me = await ask(http, provider.userinfo, tokens)
    named = await ask(http, f"{provider.userinfo}/profile", tokens)
    return cast("CanvaProfile", {**named, **me})
