"""Docusign.

https://developers.docusign.com/platform/auth/reference/user-info/
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options

__all__ = ["Docusign", "DocusignProfile"]


class DocusignProfile(TypedDict):
    """Fields of ``GET /oauth/userinfo`` that are read."""

    sub: str
    name: NotRequired[str]
    email: NotRequired[str]


def Docusign(*, sandbox: bool = False, **options: Unpack[OAuth2Options]) -> OAuth2[DocusignProfile]:
    """Sign in with Docusign.

    Args:
        sandbox: use the developer environment instead.
    """
    base = "https://account-d.docusign.com" if sandbox else "https://account.docusign.com"
    return OAuth2(
        id="docusign",
        name="Docusign",
        authorization=f"{base}/oauth/auth",
        token=f"{base}/oauth/token",
        userinfo=f"{base}/oauth/userinfo",
        scope="signature",
        checks=("pkce", "state"),
        profile=_user,
    ).override(options)


def _user(profile: DocusignProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=first_text(profile, "name"),
        email=first_text(profile, "email"),
    )
