"""EVE Online.

https://developers.eveonline.com/docs/services/sso/

The account id is the owner hash, not the character id as in Auth.js: characters are traded between
players, and the buyer must not get the seller's account. The hash changes with the owner.
"""

from __future__ import annotations

import re
from typing import Final, NotRequired, TypedDict, Unpack, cast

from authwire.errors import ProtocolError
from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.protocol.discovery import build_jwks_request, process_jwks_response
from authwire.protocol.jws import read, verify
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options

__all__ = ["EVEOnline", "EVEOnlineProfile"]

_ISSUERS: Final = ("https://login.eveonline.com", "login.eveonline.com")
_CHARACTER = re.compile(r"CHARACTER:EVE:([0-9]{1,19})")


class EVEOnlineProfile(TypedDict):
    """What the access token says, under the names of the verify endpoint that EVE gave up."""

    CharacterOwnerHash: str
    CharacterID: NotRequired[int]
    CharacterName: NotRequired[str]


def EVEOnline(**options: Unpack[OAuth2Options]) -> OAuth2[EVEOnlineProfile]:
    """Sign in as a character of EVE Online, which tells no address."""
    return OAuth2(
        id="eveonline",
        name="EVE Online",
        authorization="https://login.eveonline.com/v2/oauth/authorize",
        token="https://login.eveonline.com/v2/oauth/token",
        jwks_uri="https://login.eveonline.com/oauth/jwks",
        scope="publicData",
        checks=("state",),
        fetch_profile=_fetch,
        profile=_user,
    ).override(options)


async def _fetch(
    http: Http, tokens: TokenSet, provider: OAuth2[EVEOnlineProfile]
) -> EVEOnlineProfile:
    """The claims of the access token, which is signed. It came right now, so its times are fine."""
    what = "EVE's access token"
    token = read(tokens.access_token or "", what)
    keys = process_jwks_response(await http.send(build_jwks_request(f"{provider.jwks_uri}")))
    candidates = keys.candidates("RS256", token.kid)
    if token.alg != "RS256" or not any(verify(token, "RS256", item.key) for item in candidates):
        raise ProtocolError(f"the signature of {what} is wrong")
    claims = token.claims
    audience = claims.get("aud")
    if claims.get("iss") not in _ISSUERS or not isinstance(audience, list):
        raise ProtocolError(f"{what} is from another issuer")
    if provider.client_id not in audience or "EVE Online" not in audience:
        raise ProtocolError(f"{what} is for another client")
    character = _CHARACTER.fullmatch(f"{claims.get('sub')}")
    if character is None:
        raise ProtocolError(f"{what} is not that of a character")
    profile = {"CharacterID": int(character[1]), "CharacterName": claims.get("name")}
    return cast("EVEOnlineProfile", {**profile, "CharacterOwnerHash": claims.get("owner")})


def _user(profile: EVEOnlineProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "CharacterOwnerHash"),
        name=first_text(profile, "CharacterName"),
        image=_portrait(profile.get("CharacterID")),
    )


def _portrait(character: object) -> str | None:
    if isinstance(character, bool) or not isinstance(character, int | str) or character == "":
        return None
    return f"https://images.evetech.net/characters/{character}/portrait?size=128"
