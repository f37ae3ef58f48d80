"""LinkedIn.

https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["LinkedIn"]


def LinkedIn(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with LinkedIn. The user's id differs from app to app."""
    return OIDC[Profile](
        id="linkedin",
        name="LinkedIn",
        issuer="https://www.linkedin.com/oauth",
        # It refuses PKCE from apps with a secret, and its ID tokens lack the nonce.
        checks=("state",),
        token_endpoint_auth_method="client_secret_post",
        profile=trusted_profile,
        style=Style(brand="#069", text="#fff"),
    ).override(options)
