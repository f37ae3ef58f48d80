"""Microsoft Entra ID.

https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, NotRequired, TypedDict, Unpack

from authwire.errors import ProtocolError
from authwire.models import TokenSet, User
from authwire.providers._graph_photo import PhotoSize, with_photo
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OIDC, OAuth2, OAuth2Options, Style

__all__ = ["MicrosoftEntraID", "MicrosoftEntraIDProfile"]

_SHARED = re.compile(r"(https://[^/]+/)(common|organizations|consumers)(/v2\.0)")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"  # the one tenant of all personal accounts


class MicrosoftEntraIDProfile(TypedDict):
    """Claims of the ID token that are read, and the photo."""

    sub: str
    name: NotRequired[str]
    email: NotRequired[str]
    xms_edov: NotRequired[bool | int | str]
    photo: NotRequired[str]


def MicrosoftEntraID(
    *, profile_photo_size: PhotoSize | None = None, **options: Unpack[OAuth2Options]
) -> OIDC[MicrosoftEntraIDProfile]:
    """Sign in with Microsoft work, school or personal accounts.

    ``issuer`` says whose: ``https://login.microsoftonline.com/<tenant id>/v2.0``, or ``common``
    (default: every tenant there is), ``organizations`` or ``consumers`` in its place. The e-mail
    claim is whatever the tenant's administrator wrote: don't decide anything by it.

    Args:
        profile_photo_size: pixels of the photo for ``User.image``, a ``data:`` URL of some
            kilobytes that a session cookie then carries along. None: no photo.
    """
    photo = None if profile_photo_size is None else partial(with_photo, profile_photo_size)
    return OIDC[MicrosoftEntraIDProfile](
        id="microsoft-entra-id",
        name="Microsoft Entra ID",
        default_issuer="https://login.microsoftonline.com/common/v2.0",
        scope="openid profile email User.Read",
        profile=_user,
        extend_profile=photo,
        issuer_from=_issuer,
        derive=_discovery,
        style=Style(brand="#0072c6", text="#fff"),
    ).override(options)


def _user(profile: MicrosoftEntraIDProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=first_text(profile, "name"),
        email=trusted_email(profile, flag="xms_edov"),
        image=first_text(profile, "photo"),
    )


def _discovery(provider: OAuth2[MicrosoftEntraIDProfile]) -> Mapping[str, Any]:
    """A shared address states a template, or the tenant of personal accounts, as its issuer."""
    shared = _SHARED.fullmatch(provider.issuer or provider.default_issuer or "")
    if shared is None:
        return {"discovery_issuer": None}
    tenant = _PERSONAL if shared[2] == "consumers" else "{tenantid}"
    return {"discovery_issuer": f"{shared[1]}{tenant}{shared[3]}"}


def _issuer(claims: Mapping[str, Any], configured: str) -> str:
    """The issuer of the token's own tenant, if the configured address lets that tenant in."""
    shared = _SHARED.fullmatch(configured)
    if shared is None:
        return configured
    tenant = claims.get("tid")
    if not isinstance(tenant, str) or not _GUID.fullmatch(tenant):
        raise ProtocolError("the ID token names no tenant (tid)")
    if shared[2] != "common" and (tenant == _PERSONAL) != (shared[2] == "consumers"):
        raise ProtocolError(f"the ID token is of a kind of account that is not of {shared[2]!r}")
    return f"{shared[1]}{tenant}{shared[3]}"
