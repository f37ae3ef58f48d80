"""Facebook.

https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Facebook", "FacebookProfile"]


class FacebookProfile(TypedDict):
    """Fields of ``GET /me`` that are read."""

    id: str
    name: NotRequired[str]
    email: NotRequired[str]
    picture: NotRequired[Mapping[str, Any]]


def Facebook(**options: Unpack[OAuth2Options]) -> OAuth2[FacebookProfile]:
    """Sign in with Facebook. Who signed up by telephone, or says no, has no address."""
    return OAuth2(
        id="facebook",
        name="Facebook",
        authorization="https://www.facebook.com/v19.0/dialog/oauth",
        token="https://graph.facebook.com/oauth/access_token",
        userinfo="https://graph.facebook.com/me?fields=id,name,email,picture",
        scope="email",
        checks=("pkce", "state"),
        profile=_user,
        style=Style(brand="#006aff", text="#fff"),
    ).override(options)


def _user(profile: FacebookProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "name"),
        email=first_text(profile, "email"),
        image=first_text(part(profile, "picture", "data"), "url"),
    )
