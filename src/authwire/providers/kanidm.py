"""Kanidm.

https://kanidm.github.io/kanidm/stable/integrations/oauth2.html
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile

__all__ = ["Kanidm"]


def Kanidm(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your Kanidm.

    ``issuer``: ``https://idm.example.com/oauth2/openid/<client id>``, one for each client.
    """
    return OIDC[Profile](
        id="kanidm",
        name="Kanidm",
        checks=("pkce", "state"),
        profile=trusted_profile,
    ).override(options)
