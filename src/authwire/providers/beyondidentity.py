"""Beyond Identity.

https://developer.beyondidentity.com/
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OIDC, OAuth2Options, Style

__all__ = ["BeyondIdentity", "BeyondIdentityProfile"]


class BeyondIdentityProfile(TypedDict):
    """Claims of the ID token that are read."""

    sub: str
    name: NotRequired[str]
    email: NotRequired[str]
    email_verified: NotRequired[bool]


def BeyondIdentity(**options: Unpack[OAuth2Options]) -> OIDC[BeyondIdentityProfile]:
    """Sign in with your Beyond Identity tenant.

    ``issuer``: ``https://auth-<region>.beyondidentity.com/v1/tenants/<tenant>/realms/<realm>/applications/<app>``.
    An address that it calls unverified is not taken.
    """
    return OIDC(
        id="beyondidentity",
        name="Beyond Identity",
        profile=_user,
        style=Style(brand="#5077c5", text="#fff"),
    ).override(options)


def _user(profile: BeyondIdentityProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=first_text(profile, "name"),
        email=trusted_email(profile),
    )
