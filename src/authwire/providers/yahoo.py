"""Yahoo.

https://developer.yahoo.com/sign-in-with-yahoo/
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["Yahoo"]


def Yahoo(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with Yahoo. An address that Yahoo calls unverified is not taken."""
    return OIDC[Profile](
        id="yahoo",
        name="Yahoo",
        issuer="https://api.login.yahoo.com",
        checks=("nonce", "state"),
        # The ID token tells little more than the account id.
        id_token=False,
        profile=trusted_profile,
        style=Style(brand="#6001D2"),
    ).override(options)
