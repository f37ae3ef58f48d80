"""MusicBrainz.

https://musicbrainz.org/doc/Development/OAuth2
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["MusicBrainz", "MusicBrainzProfile"]


class MusicBrainzProfile(TypedDict):
    """Fields of ``GET /oauth2/userinfo`` that are read."""

    metabrainz_user_id: int
    sub: NotRequired[str]
    email: NotRequired[str]
    email_verified: NotRequired[bool]


def MusicBrainz(**options: Unpack[OAuth2Options]) -> OAuth2[MusicBrainzProfile]:
    """Sign in with MusicBrainz. An address that MusicBrainz calls unverified is not taken.

    Its ``sub`` is the user name, which can change; the account id is ``metabrainz_user_id``.
    """
    return OAuth2(
        id="musicbrainz",
        name="MusicBrainz",
        authorization="https://musicbrainz.org/oauth2/authorize",
        token="https://musicbrainz.org/oauth2/token",
        userinfo="https://musicbrainz.org/oauth2/userinfo",
        scope="profile email",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#BA478F"),
    ).override(options)


def _user(profile: MusicBrainzProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "metabrainz_user_id"),
        name=first_text(profile, "sub"),
        email=trusted_email(profile),
    )
