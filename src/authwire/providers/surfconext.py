"""SURFconext.

https://servicedesk.surf.nl/wiki/spaces/IAM/pages/128910013/OpenID+Connect+claims
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile

__all__ = ["SURFconext"]


def SURFconext(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with the account of a Dutch school, university or research institute.

    The account id is one that only this service sees. ``issuer`` can be that of the test
    environment, ``https://connect.test.surfconext.nl``.
    """
    return OIDC[Profile](
        id="surfconext",
        name="SURFconext",
        default_issuer="https://connect.surfconext.nl",
        scope="openid",
        checks=("pkce", "state"),
        # The ID token tells the account id only.
        id_token=False,
        profile=trusted_profile,
    ).override(options)
