"""GOV.UK One Login.

https://docs.sign-in.service.gov.uk/
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, trusted_email
from authwire.providers._types import OIDC, OAuth2Options, Style

__all__ = ["GovUKOneLogin", "GovUKOneLoginProfile"]


class GovUKOneLoginProfile(TypedDict):
    """Fields of the userinfo answer that are read."""

    sub: str
    email: NotRequired[str]
    email_verified: NotRequired[bool]


def GovUKOneLogin(**options: Unpack[OAuth2Options]) -> OIDC[GovUKOneLoginProfile]:
    """Sign in with GOV.UK One Login, for services of the United Kingdom's government.

    There is no client secret: give your RSA key as ``client_private_key``. ``issuer`` can be that
    of the integration environment, ``https://oidc.integration.account.gov.uk/``. No name is told.
    """
    return OIDC(
        id="govuk-one-login",
        name="GOV.UK One Login",
        default_issuer="https://oidc.account.gov.uk/",
        scope="openid email",
        params={"vtr": '["Cl.Cm"]'},
        checks=("nonce", "state"),
        token_endpoint_auth_method="private_key_jwt",
        id_token=False,
        profile=_user,
        style=Style(brand="#1D70B8"),
    ).override(options)


def _user(profile: GovUKOneLoginProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        email=trusted_email(profile),
    )
