"""LINE.

https://developers.line.biz/en/docs/line-login/integrate-line-login/
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["LINE"]


def LINE(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with LINE.

    LINE signs the ID tokens of web apps with the channel secret, so the secret must be kept as a
    key is. The user's id differs from one LINE business (provider) to another.
    """
    return OIDC[Profile](
        id="line",
        name="LINE",
        issuer="https://access.line.me",
        checks=("pkce", "state"),
        id_token_signed_response_alg="HS256",
        profile=trusted_profile,
        style=Style(brand="#00C300", text="#fff"),
    ).override(options)
