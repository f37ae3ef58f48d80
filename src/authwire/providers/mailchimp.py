"""Mailchimp.

https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, Unpack, cast

from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import ask, bearer_if_missing
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Mailchimp", "MailchimpProfile"]


class MailchimpProfile(TypedDict):
    """Fields of ``GET /oauth2/metadata`` that are read."""

    accountname: NotRequired[str]
    login: Mapping[str, Any]
    """``login_id`` and ``email`` of the person; the account may have several."""


def Mailchimp(**options: Unpack[OAuth2Options]) -> OAuth2[MailchimpProfile]:
    """Sign in with Mailchimp. The name is that of the account, not of the person."""
    return OAuth2(
        id="mailchimp",
        name="Mailchimp",
        authorization="https://login.mailchimp.com/oauth2/authorize",
        token="https://login.mailchimp.com/oauth2/token",
        userinfo="https://login.mailchimp.com/oauth2/metadata",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        fetch_profile=_fetch,
        conform_token=bearer_if_missing,
        profile=_user,
        style=Style(brand="#000", text="#fff"),
    ).override(options)


def _user(profile: MailchimpProfile, _tokens: TokenSet) -> User:
    login = part(profile, "login")
    return User(
        id=account_id(login, "login_id"),
        name=first_text(profile, "accountname"),
        email=first_text(login, "email"),
    )


async def _fetch(
    http: Http, tokens: TokenSet, provider: OAuth2[MailchimpProfile]
) -> MailchimpProfile:
    profile = await ask(http, provider.userinfo, tokens, scheme="OAuth")
    return cast("MailchimpProfile", profile)
