"""NetSuite.

https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_157771281570.html
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id as id_of
from authwire.providers._profile import first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["NetSuite", "NetSuiteProfile"]


class NetSuiteProfile(TypedDict):
    """Fields of ``N/runtime.getCurrentUser()`` that are read."""

    id: int
    name: NotRequired[str]
    email: NotRequired[str]


def NetSuite(
    *, account_id: str, userinfo: str | None = None, **options: Unpack[OAuth2Options]
) -> OAuth2[NetSuiteProfile]:
    """Sign in with one NetSuite account.

    Args:
        account_id: as NetSuite shows it, such as ``1234567`` or ``1234567_SB1``.
        userinfo: URL of a RESTlet of yours that answers with the JSON of
            ``N/runtime.getCurrentUser()``. Without one the configuration is refused.
        options: what every provider takes.
    """
    host = account_id.lower().replace("_", "-")
    rest = f"https://{host}.suitetalk.api.netsuite.com/services/rest"
    return OAuth2(
        id="netsuite",
        name="NetSuite",
        authorization=f"https://{host}.app.netsuite.com/app/login/oauth2/authorize.nl",
        token=f"{rest}/auth/oauth2/v1/token",
        userinfo=userinfo,
        scope="restlets rest_webservices",
        checks=("state",),
        profile=_user,
        style=Style(brand="#181a1b", text="#fbfbfb"),
    ).override(options)


def _user(profile: NetSuiteProfile, _tokens: TokenSet) -> User:
    return User(
        id=id_of(profile, "id"),
        name=first_text(profile, "name"),
        email=first_text(profile, "email"),
    )
