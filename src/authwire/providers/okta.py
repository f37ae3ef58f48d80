"""Okta.

https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["Okta"]


def Okta(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your Okta organisation.

    ``issuer``: ``https://<org>.okta.com``, or a custom authorization server's
    ``https://<org>.okta.com/oauth2/<server>``.
    """
    return OIDC[Profile](
        id="okta",
        name="Okta",
        checks=("pkce", "state"),
        style=Style(brand="#000", text="#fff"),
    ).override(options)
