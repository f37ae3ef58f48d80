"""Ping Identity.

https://docs.pingidentity.com/pingone/applications/p1_application_types.html
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile

__all__ = ["PingId"]


def PingId(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with PingOne. ``issuer``: ``https://auth.pingone.<region>/<environment>/as``."""
    return OIDC[Profile](
        id="ping-id",
        name="Ping Identity",
        profile=trusted_profile,
    ).override(options)
