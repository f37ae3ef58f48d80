"""BankID (Norway).

https://confluence.bankidnorge.no/confluence/pdoidcl
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OIDC, OAuth2Options, Style

__all__ = ["BankIDNorway", "BankIDNorwayProfile"]


class BankIDNorwayProfile(TypedDict):
    """Claims of the userinfo answer that are read."""

    sub: str
    name: NotRequired[str]
    email: NotRequired[str]
    email_verified: NotRequired[bool]


def BankIDNorway(**options: Unpack[OAuth2Options]) -> OIDC[BankIDNorwayProfile]:
    """Sign in with Norway's BankID. Only the userinfo endpoint tells the address."""
    return OIDC(
        id="bankid-no",
        name="BankID Norge",
        issuer="https://auth.bankid.no/auth/realms/prod",
        params={"ui_locales": "no", "login_hint": "BIS"},
        checks=("pkce", "state", "nonce"),
        token_endpoint_auth_method="client_secret_post",
        id_token=False,
        profile=_user,
        style=Style(brand="#39134c", text="#fff"),
    ).override(options)


def _user(profile: BankIDNorwayProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=first_text(profile, "name"),
        email=trusted_email(profile),
    )
