"""Patreon.

https://docs.patreon.com/#oauth
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Patreon", "PatreonProfile"]


class PatreonProfile(TypedDict):
    """The answer of ``GET /api/oauth2/api/current_user``, in the shape of JSON:API."""

    data: Mapping[str, Any]
    """``id``, and in ``attributes``: ``full_name``, ``email``, ``is_email_verified``,
    ``image_url``."""


def Patreon(**options: Unpack[OAuth2Options]) -> OAuth2[PatreonProfile]:
    """Sign in with Patreon. An address that Patreon calls unverified is not taken."""
    return OAuth2(
        id="patreon",
        name="Patreon",
        authorization="https://www.patreon.com/oauth2/authorize",
        token="https://www.patreon.com/api/oauth2/token",
        userinfo="https://www.patreon.com/api/oauth2/api/current_user",
        scope="identity identity[email]",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#e85b46", text="#fff"),
    ).override(options)


def _user(profile: PatreonProfile, _tokens: TokenSet) -> User:
    attributes = part(profile, "data", "attributes")
    return User(
        id=account_id(part(profile, "data"), "id"),
        name=first_text(attributes, "full_name"),
        email=trusted_email(attributes, flag="is_email_verified"),
        image=first_text(attributes, "image_url"),
    )
