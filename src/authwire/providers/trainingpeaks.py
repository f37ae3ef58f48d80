"""TrainingPeaks.

https://github.com/TrainingPeaks/PartnersAPI/wiki/OAuth
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import full_name
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options

__all__ = ["TrainingPeaks", "TrainingPeaksProfile"]


class TrainingPeaksProfile(TypedDict):
    """Fields of ``GET /v1/athlete/profile`` that are read."""

    Id: int
    FirstName: NotRequired[str]
    LastName: NotRequired[str]
    Email: NotRequired[str]


def TrainingPeaks(
    *, sandbox: bool = False, **options: Unpack[OAuth2Options]
) -> OAuth2[TrainingPeaksProfile]:
    """Sign in with TrainingPeaks, as an athlete.

    Args:
        sandbox: use the environment that partners test with.
    """
    host = "sandbox.trainingpeaks.com" if sandbox else "trainingpeaks.com"
    return OAuth2(
        id="trainingpeaks",
        name="TrainingPeaks",
        authorization=f"https://oauth.{host}/OAuth/Authorize",
        token=f"https://oauth.{host}/oauth/token",
        userinfo=f"https://api.{host}/v1/athlete/profile",
        scope="athlete:profile",
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
    ).override(options)


def _user(profile: TrainingPeaksProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "Id"),
        name=full_name(profile, "FirstName", "LastName"),
        email=first_text(profile, "Email"),
    )
