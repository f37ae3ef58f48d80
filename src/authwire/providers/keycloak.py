"""Keycloak.

https://www.keycloak.org/securing-apps/oidc-layers
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["Keycloak"]


def Keycloak(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with a realm of your Keycloak. ``issuer``: ``https://<host>/realms/<realm>``."""
    return OIDC[Profile](
        id="keycloak",
        name="Keycloak",
        style=Style(brand="#428bca"),
    ).override(options)
