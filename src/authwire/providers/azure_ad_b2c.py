"""Azure AD B2C.

https://learn.microsoft.com/en-us/azure/active-directory-b2c/openid-connect
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NotRequired, TypedDict, Unpack
from urllib.parse import urlsplit

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OIDC, OAuth2, OAuth2Options, Style

__all__ = ["AzureADB2C", "AzureADB2CProfile"]


class AzureADB2CProfile(TypedDict):
    """Claims of the ID token that are read."""

    sub: str
    name: NotRequired[str]
    preferred_username: NotRequired[str]
    emails: NotRequired[list[str]]


def AzureADB2C(
    *, tenant_id: str | None = None, **options: Unpack[OAuth2Options]
) -> OIDC[AzureADB2CProfile]:
    """Sign in through a user flow of your B2C tenant.

    ``issuer``: ``https://<tenant>.b2clogin.com/<tenant>.onmicrosoft.com/<user flow>/v2.0``.

    Args:
        tenant_id: the directory's id, a GUID. B2C's tokens name an issuer made of it instead of
            the address above. Leave it out for a user flow whose issuer claim is set to the form
            with ``tfp``, and give that as ``issuer``.
    """
    return OIDC[AzureADB2CProfile](
        id="azure-ad-b2c",
        name="Azure AD B2C",
        profile=_user,
        issuer_from=partial(_issuer, tenant_id) if tenant_id else None,
        derive=partial(_discovery, tenant_id) if tenant_id else None,
        style=Style(brand="#0072c6", text="#fff"),
    ).override(options)


def _user(profile: AzureADB2CProfile, _tokens: TokenSet) -> User:
    emails: object = profile.get("emails")
    first = emails[0] if isinstance(emails, list) and emails else None
    return User(
        id=account_id(profile, "sub"),
        name=first_text(profile, "name", "preferred_username"),
        email=first_text({"email": first}, "email"),
    )


def _discovery(tenant_id: str, provider: OAuth2[AzureADB2CProfile]) -> Mapping[str, Any]:
    return {"discovery_issuer": provider.issuer and _issuer(tenant_id, {}, provider.issuer)}


def _issuer(tenant_id: str, _claims: Mapping[str, Any], configured: str) -> str:
    """The issuer of all user flows of the tenant, whatever the token says."""
    parts = urlsplit(configured)
    return f"{parts.scheme}://{parts.netloc}/{tenant_id}/v2.0/"
