"""Salesforce.

https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_web_server_flow.htm
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["Salesforce"]


def Salesforce(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with Salesforce. ``issuer``: a My Domain or sandbox address instead of the common one.

    The profile comes from the userinfo endpoint. The account id there is a URL.
    """
    return OIDC[Profile](
        id="salesforce",
        name="Salesforce",
        default_issuer="https://login.salesforce.com",
        id_token=False,
        checks=("pkce", "state", "nonce"),
        profile=trusted_profile,
        style=Style(brand="#00a1e0"),
    ).override(options)
