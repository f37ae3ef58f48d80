"""BoxyHQ SAML Jackson, now Ory Polis.

https://boxyhq.com/docs/jackson/saml-flow
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import full_name
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["SAMLJackson", "SAMLJacksonProfile"]


class SAMLJacksonProfile(TypedDict):
    """Fields of the userinfo answer that are read."""

    id: str
    email: NotRequired[str]
    firstName: NotRequired[str]
    lastName: NotRequired[str]


def SAMLJackson(**options: Unpack[OAuth2Options]) -> OAuth2[SAMLJacksonProfile]:
    """Sign in with enterprise single sign-on through your Jackson. ``issuer``: its address.

    Account ids and addresses are what the identity provider of the customer says. If customers must
    not speak for each other's people, compare the profile's ``requested`` tenant with the user's in
    the ``sign_in`` callback.
    """
    return OAuth2(
        id="boxyhq-saml",
        name="BoxyHQ SAML",
        params={"provider": "saml"},
        # Jackson refuses a request without state.
        checks=("pkce", "state"),
        profile=_user,
        derive=_endpoints,
        style=Style(brand="#25c2a0"),
    ).override(options)


def _user(profile: SAMLJacksonProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=full_name(profile, "firstName", "lastName"),
        email=first_text(profile, "email"),
    )


def _endpoints(provider: OAuth2[SAMLJacksonProfile]) -> Mapping[str, Any]:
    base = (provider.issuer or "").rstrip("/")
    names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
    return {field: f"{base}/api/oauth/{name}" for field, name in names.items()} if base else {}
