"""Login.gov.

https://developers.login.gov/oidc/getting-started/
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import full_name
from authwire.providers._profile import account_id, trusted_email
from authwire.providers._types import OIDC, OAuth2Options, Style

__all__ = ["LoginGov", "LoginGovProfile"]


class LoginGovProfile(TypedDict):
    """Fields of the userinfo answer that are read."""

    sub: str
    given_name: NotRequired[str]
    family_name: NotRequired[str]
    email: NotRequired[str]
    email_verified: NotRequired[bool]


def LoginGov(**options: Unpack[OAuth2Options]) -> OIDC[LoginGovProfile]:
    """Sign in with Login.gov, for services of the United States' government.

    There is no client secret: give your RSA key as ``client_private_key``. ``issuer`` can be that
    of the sandbox, ``https://idp.int.identitysandbox.gov/``. Names are told only to services that
    ask for proven identities (``params``, ``scope``).
    """
    return OIDC(
        id="login-gov",
        name="Login.gov",
        default_issuer="https://secure.login.gov/",
        scope="openid email",
        params={"acr_values": "http://idmanagement.gov/ns/assurance/ial/1"},
        checks=("nonce", "state"),
        token_endpoint_auth_method="private_key_jwt",
        id_token=False,
        profile=_user,
        style=Style(brand="#0050D8"),
    ).override(options)


def _user(profile: LoginGovProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=full_name(profile, "given_name", "family_name"),
        email=trusted_email(profile),
    )
