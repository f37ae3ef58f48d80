"""Shopify, the people who work in a shop's admin.

https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack, cast

from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._claims import full_name, part
from authwire.providers._hosts import host_label
from authwire.providers._profile import account_id, trusted_email
from authwire.providers._quirks import bearer_if_missing
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Shopify", "ShopifyProfile"]


class ShopifyProfile(TypedDict):
    """Fields of ``associated_user`` in the token response that are read."""

    id: int
    first_name: NotRequired[str]
    last_name: NotRequired[str]
    email: NotRequired[str]
    email_verified: NotRequired[bool]


def Shopify(*, shop: str, **options: Unpack[OAuth2Options]) -> OAuth2[ShopifyProfile]:
    """Sign in as owner or staff of one shop. An address that Shopify calls unverified is not taken.

    For a second shop give an ``id`` of its own. Scopes are separated by commas.

    Args:
        shop: the word before ``.myshopify.com``.

    Raises:
        ValueError: if ``shop`` is no such word.
    """
    admin = f"https://{host_label(shop, 'Shopify: shop')}.myshopify.com/admin"
    return OAuth2(
        id="shopify",
        name="Shopify",
        authorization=f"{admin}/oauth/authorize",
        token=f"{admin}/oauth/access_token",
        scope="",
        # A token of the person, not of the shop: only such a one tells who it is for.
        params={"grant_options[]": "per-user"},
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        fetch_profile=_fetch,
        conform_token=bearer_if_missing,
        profile=_user,
        style=Style(brand="#7AB55C"),
    ).override(options)


def _user(profile: ShopifyProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=full_name(profile, "first_name", "last_name"),
        email=trusted_email(profile),
    )


def _fetch(_http: Http, tokens: TokenSet, _provider: OAuth2[ShopifyProfile]) -> ShopifyProfile:
    return cast("ShopifyProfile", part(tokens.extra, "associated_user"))
