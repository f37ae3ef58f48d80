"""Medium.

https://github.com/Medium/medium-api-docs
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Medium", "MediumProfile"]


class MediumProfile(TypedDict):
    """The answer of ``GET /v1/me``."""

    data: Mapping[str, Any]
    """``id``, ``name`` and ``imageUrl`` are read."""


def Medium(**options: Unpack[OAuth2Options]) -> OAuth2[MediumProfile]:
    """Sign in with Medium, for apps that are registered already: Medium takes no new ones."""
    return OAuth2(
        id="medium",
        name="Medium",
        authorization="https://medium.com/m/oauth/authorize",
        token="https://api.medium.com/v1/tokens",
        userinfo="https://api.medium.com/v1/me",
        scope="basicProfile",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#000", text="#fff"),
    ).override(options)


def _user(profile: MediumProfile, _tokens: TokenSet) -> User:
    data = part(profile, "data")
    return User(
        id=account_id(data, "id"),
        name=first_text(data, "name"),
        image=first_text(data, "imageUrl"),
    )
