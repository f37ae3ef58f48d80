"""Amazon Cognito.

https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["Cognito"]


def Cognito(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with a user pool.

    ``issuer``: ``https://cognito-idp.<region>.amazonaws.com/<pool id>``. An address that Cognito calls
    unverified is not taken: people may change theirs to anything.
    """
    return OIDC[Profile](
        id="cognito",
        name="Cognito",
        profile=trusted_profile,
        style=Style(brand="#C17B9E"),
    ).override(options)
