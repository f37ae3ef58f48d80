"""Descope.

https://docs.descope.com/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2, OAuth2Options, Profile, Style

__all__ = ["Descope"]


def Descope(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your Descope project; its id is the client id.

    The ``issuer`` follows from it, unless you give one. An address that Descope calls unverified is
    not taken.
    """
    return OIDC[Profile](
        id="descope",
        name="Descope",
        checks=("pkce", "state"),
        derive=_of_project,
        profile=trusted_profile,
        style=Style(brand="#1C1C23", text="#ffffff"),
    ).override(options)


def _of_project(provider: OAuth2[Profile]) -> Mapping[str, Any]:
    if provider.issuer or not provider.client_id:
        return {}
    return {"issuer": f"https://api.descope.com/{provider.client_id}"}
