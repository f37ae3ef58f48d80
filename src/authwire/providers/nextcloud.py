"""Nextcloud.

https://docs.nextcloud.com/server/latest/admin_manual/configuration_server/oauth2.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, Unpack, cast
from urllib.parse import quote

from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import ask
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Nextcloud", "NextcloudProfile"]


class NextcloudProfile(TypedDict):
    """Fields of the token's own user that are read, and the address of the picture."""

    id: str
    displayname: NotRequired[str]
    email: NotRequired[str | None]
    avatar: NotRequired[str]


def Nextcloud(**options: Unpack[OAuth2Options]) -> OAuth2[NextcloudProfile]:
    """Sign in with your Nextcloud. ``issuer``: its address, such as ``https://cloud.example.org``.

    A user's id never changes there. An administrator could give that of a deleted user away again.
    """
    return OAuth2(
        id="nextcloud",
        name="Nextcloud",
        checks=("pkce", "state"),
        fetch_profile=_fetch,
        profile=_user,
        derive=_endpoints,
        style=Style(brand="#fff", text="#0082C9"),
    ).override(options)


def _user(profile: NextcloudProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "displayname"),
        email=first_text(profile, "email"),
        image=first_text(profile, "avatar"),
    )


def _endpoints(provider: OAuth2[NextcloudProfile]) -> Mapping[str, Any]:
    if not provider.issuer:
        return {}
    base = provider.issuer.rstrip("/")
    return {
        "authorization": f"{base}/apps/oauth2/authorize",
        "token": f"{base}/apps/oauth2/api/v1/token",
        "userinfo": f"{base}/ocs/v1.php/cloud/user",
    }


async def _fetch(
    http: Http, tokens: TokenSet, provider: OAuth2[NextcloudProfile]
) -> NextcloudProfile:
    """The user whose token this is, out of the envelope of Nextcloud's OCS API."""
    answer = await ask(http, provider.userinfo, tokens, headers=[("ocs-apirequest", "true")])
    profile = dict(part(answer, "ocs", "data"))
    user_id = quote(account_id(profile, "id"), safe="")
    base = (provider.issuer or "").rstrip("/")
    return cast("NextcloudProfile", {**profile, "avatar": f"{base}/avatar/{user_id}/512"})
