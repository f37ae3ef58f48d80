"""DigitalOcean.

https://docs.digitalocean.com/reference/api/oauth/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["DigitalOcean", "DigitalOceanProfile"]


class DigitalOceanProfile(TypedDict):
    """What is read of ``GET /v2/account``."""

    account: Mapping[str, Any]


def DigitalOcean(**options: Unpack[OAuth2Options]) -> OAuth2[DigitalOceanProfile]:
    """Sign in with DigitalOcean. An address that DigitalOcean calls unverified is not taken.

    The account id is the user's own, whichever team the user picks.
    """
    return OAuth2(
        id="digitalocean",
        name="DigitalOcean",
        authorization="https://cloud.digitalocean.com/v1/oauth/authorize",
        token="https://cloud.digitalocean.com/v1/oauth/token",
        userinfo="https://api.digitalocean.com/v2/account",
        scope="read",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#0080FF"),
    ).override(options)


def _user(profile: DigitalOceanProfile, _tokens: TokenSet) -> User:
    account = part(profile, "account")
    return User(
        id=account_id(account, "uuid"),
        name=first_text(account, "name"),
        email=trusted_email(account),
    )
