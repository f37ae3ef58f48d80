"""Stripe (Connect).

https://docs.stripe.com/connect/oauth-reference
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Stripe", "StripeProfile"]


class StripeProfile(TypedDict):
    """Fields of ``GET /v1/account`` that are read."""

    id: str
    settings: NotRequired[Mapping[str, Any]]
    business_profile: NotRequired[Mapping[str, Any]]


def Stripe(**options: Unpack[OAuth2Options]) -> OAuth2[StripeProfile]:
    """Connect a business's Stripe account to your platform, and so sign in.

    The client secret is your platform's secret API key. The e-mail address is not taken: it is one
    for contact, which Stripe does not authenticate anybody by.
    """
    return OAuth2(
        id="stripe",
        name="Stripe",
        authorization="https://connect.stripe.com/oauth/authorize",
        token="https://connect.stripe.com/oauth/token",
        userinfo="https://api.stripe.com/v1/account",
        scope="read_only",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#635BFF"),
    ).override(options)


def _user(profile: StripeProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(part(profile, "settings", "dashboard"), "display_name")
        or first_text(part(profile, "business_profile"), "name"),
    )
