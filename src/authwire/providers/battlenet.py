"""Battle.net.

https://develop.battle.net/documentation/guides/using-oauth
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OIDC, OAuth2Options, Style

__all__ = ["BattleNet", "BattleNetProfile"]


class BattleNetProfile(TypedDict):
    """Claims of the ID token that are read."""

    sub: str
    battle_tag: NotRequired[str]


def BattleNet(**options: Unpack[OAuth2Options]) -> OIDC[BattleNetProfile]:
    """Sign in with Battle.net, which tells no address.

    ``issuer``: ``https://oauth.battle.net``, or ``https://oauth.battlenet.com.cn`` for China. Battle.net
    refuses a request without state.
    """
    return OIDC(
        id="battlenet",
        name="Battle.net",
        checks=("pkce", "state", "nonce"),
        profile=_user,
        style=Style(brand="#148eff", text="#fff"),
    ).override(options)


def _user(profile: BattleNetProfile, _tokens: TokenSet) -> User:
    return User(id=account_id(profile, "sub"), name=first_text(profile, "battle_tag"))
