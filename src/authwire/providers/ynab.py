"""YNAB.

https://api.ynab.com/#oauth-applications
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id
from authwire.providers._types import OAuth2, OAuth2Options

__all__ = ["YNAB", "YNABProfile"]


class YNABProfile(TypedDict):
    """What is read of ``GET /v1/user``."""

    data: Mapping[str, Any]


def YNAB(**options: Unpack[OAuth2Options]) -> OAuth2[YNABProfile]:
    """Sign in with YNAB (You Need A Budget), which tells nothing but the account id."""
    return OAuth2(
        id="ynab",
        name="YNAB",
        authorization="https://app.ynab.com/oauth/authorize",
        token="https://app.ynab.com/oauth/token",
        userinfo="https://api.ynab.com/v1/user",
        scope="read-only",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
    ).override(options)


def _user(profile: YNABProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(part(profile, "data", "user"), "id"),
    )
