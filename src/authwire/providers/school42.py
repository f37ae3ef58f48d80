"""42 School.

https://api.intra.42.fr/apidoc/guides/web_application_flow
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["FortyTwo", "FortyTwoProfile"]


class FortyTwoProfile(TypedDict):
    """Fields of ``GET /v2/me`` that are read."""

    id: int
    usual_full_name: NotRequired[str | None]
    displayname: NotRequired[str]
    email: NotRequired[str]
    image: NotRequired[Mapping[str, Any]]


def FortyTwo(**options: Unpack[OAuth2Options]) -> OAuth2[FortyTwoProfile]:
    """Sign in with the intranet of the 42 schools."""
    return OAuth2(
        id="42-school",
        name="42 School",
        authorization="https://api.intra.42.fr/oauth/authorize",
        token="https://api.intra.42.fr/oauth/token",
        userinfo="https://api.intra.42.fr/v2/me",
        scope="public",
        checks=("pkce", "state"),
        profile=_user,
        style=Style(brand="#000", text="#fff"),
    ).override(options)


def _user(profile: FortyTwoProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "usual_full_name", "displayname"),
        email=first_text(profile, "email"),
        image=first_text(part(profile, "image"), "link"),
    )
