"""ORCID.

https://info.orcid.org/documentation/integration-guide/sign-in-with-openid/
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import full_name
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OIDC, OAuth2Options, Style

__all__ = ["ORCID", "ORCIDProfile"]


class ORCIDProfile(TypedDict):
    """Claims of the ID token that are read."""

    sub: str
    name: NotRequired[str | None]
    given_name: NotRequired[str | None]
    family_name: NotRequired[str | None]


def ORCID(**options: Unpack[OAuth2Options]) -> OIDC[ORCIDProfile]:
    """Sign in with ORCID. The account id is the ORCID iD; no e-mail address is told.

    ``issuer`` can be that of the sandbox, ``https://sandbox.orcid.org``.
    """
    return OIDC(
        id="orcid",
        name="ORCID",
        default_issuer="https://orcid.org",
        scope="openid",
        checks=("nonce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#A6CE39"),
    ).override(options)


def _user(profile: ORCIDProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=first_text(profile, "name") or full_name(profile, "given_name", "family_name"),
    )
