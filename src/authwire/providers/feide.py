"""Feide, formerly Dataporten.

https://docs.feide.no/service_providers/openid_connect/index.html
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OIDC, OAuth2Options

__all__ = ["Feide", "FeideProfile"]


class FeideProfile(TypedDict):
    """Fields of the userinfo answer that are read."""

    sub: str
    name: NotRequired[str]
    email: NotRequired[str]
    email_verified: NotRequired[bool]
    picture: NotRequired[str]


def Feide(**options: Unpack[OAuth2Options]) -> OIDC[FeideProfile]:
    """Sign in with Feide, the accounts of Norway's schools and universities.

    The account id is Feide's own, not the user name at the school.
    """
    return OIDC(
        id="feide",
        name="Feide",
        issuer="https://auth.dataporten.no",
        checks=("nonce", "state"),
        # The ID token tells the account id only.
        id_token=False,
        profile=_user,
    ).override(options)


def _user(profile: FeideProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=first_text(profile, "name"),
        email=trusted_email(profile),
        image=first_text(profile, "picture"),
    )
