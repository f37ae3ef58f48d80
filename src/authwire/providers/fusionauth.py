"""FusionAuth.

https://fusionauth.io/docs/lifecycle/authenticate-users/oauth/
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import full_name
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OIDC, OAuth2, OAuth2Options, Style

__all__ = ["FusionAuth", "FusionAuthProfile"]


class FusionAuthProfile(TypedDict):
    """Claims of the ID token that are read."""

    sub: str
    email: NotRequired[str]
    email_verified: NotRequired[bool]
    name: NotRequired[str]
    preferred_username: NotRequired[str]
    given_name: NotRequired[str]
    middle_name: NotRequired[str]
    family_name: NotRequired[str]
    picture: NotRequired[str]


def FusionAuth(
    *, tenant_id: str | None = None, **options: Unpack[OAuth2Options]
) -> OIDC[FusionAuthProfile]:
    """Sign in with your FusionAuth. ``issuer``: its address, which the tenant must state as issuer.

    An address that FusionAuth calls unverified is not taken.

    Args:
        tenant_id: needed only where there is more than one tenant.
    """
    return OIDC[FusionAuthProfile](
        id="fusionauth",
        name="FusionAuth",
        scope="openid offline_access email profile",
        params={} if tenant_id is None else {"tenantId": tenant_id},
        checks=("pkce", "state"),
        profile=_user,
        derive=partial(_endpoints, tenant_id),
        style=Style(brand="#f58320"),
    ).override(options)


def _user(profile: FusionAuthProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=first_text(profile, "name", "preferred_username")
        or full_name(profile, "given_name", "middle_name", "family_name"),
        email=trusted_email(profile),
        image=first_text(profile, "picture"),
    )


def _endpoints(tenant_id: str | None, provider: OAuth2[FusionAuthProfile]) -> Mapping[str, Any]:
    base = (provider.issuer or "").rstrip("/")
    if not base:
        return {}
    known = {"token": f"{base}/oauth2/token", "userinfo": f"{base}/oauth2/userinfo"}
    if tenant_id is None:
        return known
    # A tenant's discovery document is asked for with a parameter. This is what it would say.
    return {
        **known,
        "authorization": f"{base}/oauth2/authorize",
        "jwks_uri": f"{base}/.well-known/jwks.json",
    }
