"""Ory Hydra.

https://www.ory.sh/docs/hydra/
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._claims import trusted_profile
from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["OryHydra"]


def OryHydra(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with your Ory Hydra or Ory Network project. ``issuer``: what its settings say."""
    return OIDC[Profile](
        id="hydra",
        name="Hydra",
        profile=trusted_profile,
        style=Style(brand="#fff", text="#0F172A"),
    ).override(options)
