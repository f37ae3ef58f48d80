"""Coinbase.

https://docs.cdp.coinbase.com/coinbase-app/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Coinbase", "CoinbaseProfile"]


class CoinbaseProfile(TypedDict):
    """Where the fields of ``GET /v2/user`` are."""

    data: Mapping[str, Any]


def Coinbase(**options: Unpack[OAuth2Options]) -> OAuth2[CoinbaseProfile]:
    """Sign in with Coinbase."""
    return OAuth2(
        id="coinbase",
        name="Coinbase",
        authorization="https://login.coinbase.com/oauth2/auth",
        token="https://login.coinbase.com/oauth2/token",
        userinfo="https://api.coinbase.com/v2/user",
        scope="wallet:user:email wallet:user:read",
        checks=("pkce", "state"),
        profile=_user,
        style=Style(brand="#0052ff"),
    ).override(options)


def _user(profile: CoinbaseProfile, _tokens: TokenSet) -> User:
    user = part(profile, "data")
    return User(
        id=account_id(user, "id"),
        name=first_text(user, "name"),
        email=first_text(user, "email"),
        image=first_text(user, "avatar_url"),
    )
