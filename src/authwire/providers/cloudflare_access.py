"""Cloudflare Access.

https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/saas-apps/generic-oidc-saas/
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["CloudflareAccess"]


def CloudflareAccess(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with the Zero Trust organisation of your team.

    ``issuer``: ``https://<team>.cloudflareaccess.com/cdn-cgi/access/sso/oidc/<client id>``.
    """
    return OIDC[Profile](
        id="cloudflare-access",
        name="Cloudflare Access",
        checks=("pkce", "state"),
        profile=trusted_profile,
        style=Style(brand="#F38020"),
    ).override(options)
