"""Azure Active Directory, which Microsoft now calls Entra ID.

https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Unpack

import authwire.providers as catalogue
from authwire.providers._graph_photo import PhotoSize
from authwire.providers._types import OIDC, OAuth2Options

__all__ = ["AzureAD"]


def AzureAD(
    *, profile_photo_size: PhotoSize | None = None, **options: Unpack[OAuth2Options]
) -> OIDC[Any]:
    """`MicrosoftEntraID` under its former id, for apps whose callback URL has that id."""
    # Through the catalogue, which loads the other module at the first call and not before.
    entra_id = catalogue.MicrosoftEntraID(profile_photo_size=profile_photo_size)
    return replace(entra_id, id="azure-ad", name="Azure Active Directory").override(options)
