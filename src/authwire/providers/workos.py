"""WorkOS.

https://workos.com/docs/reference/sso
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import full_name, part
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import bearer_if_missing
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["WorkOS", "WorkOSProfile"]


class WorkOSProfile(TypedDict):
    """Fields of ``GET /sso/profile`` that are read."""

    id: str
    first_name: NotRequired[str | None]
    last_name: NotRequired[str | None]
    email: NotRequired[str]
    raw_attributes: NotRequired[Mapping[str, Any]]
    """What the identity provider sent; ``picture``, if it has one."""


def WorkOS(
    *, connection: str | None = None, **options: Unpack[OAuth2Options]
) -> OAuth2[WorkOSProfile]:
    """Sign in through the single sign-on of WorkOS.

    WorkOS must be told whose: by ``connection``, or by ``organization``, ``provider`` or
    ``domain_hint`` in ``params`` or in the query of the sign-in. The address is whatever the
    organisation's own identity provider says.
    """
    return OAuth2(
        id="workos",
        name="WorkOS",
        params={"connection": connection} if connection else {},
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        conform_token=bearer_if_missing,
        profile=_user,
        derive=_endpoints,
        style=Style(brand="#6363f1", text="#fff"),
    ).override(options)


def _user(profile: WorkOSProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=full_name(profile, "first_name", "last_name"),
        email=first_text(profile, "email"),
        image=first_text(part(profile, "raw_attributes"), "picture"),
    )


def _endpoints(provider: OAuth2[WorkOSProfile]) -> Mapping[str, Any]:
    base = (provider.issuer or "https://api.workos.com").rstrip("/")
    return {
        "authorization": f"{base}/sso/authorize",
        "token": f"{base}/sso/token",
        "userinfo": f"{base}/sso/profile",
    }
