"""JumpCloud.

https://jumpcloud.com/support/sso-with-oidc
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile

__all__ = ["JumpCloud"]


def JumpCloud(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with the JumpCloud directory of your organisation.

    An organisation in another region than the United States gives that region's ``issuer``.
    """
    return OIDC[Profile](
        id="jumpcloud",
        name="JumpCloud",
        default_issuer="https://oauth.id.jumpcloud.com/",
        checks=("pkce", "state"),
        profile=trusted_profile,
    ).override(options)
