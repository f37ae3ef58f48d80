"""Twitch.

https://dev.twitch.tv/docs/authentication/getting-tokens-oidc/
"""

from __future__ import annotations

from typing import Any, Unpack

from authwire.http import HttpResponse
from authwire.providers._claims import trusted_profile
from authwire.providers._quirks import reshape
from authwire.providers._types import OIDC, OAuth2Options, Profile, Style

__all__ = ["Twitch"]

_CLAIMS = ("email", "email_verified", "picture", "preferred_username")


def Twitch(**options: Unpack[OAuth2Options]) -> OIDC[Profile]:
    """Sign in with Twitch. An address that Twitch calls unverified is not taken."""
    return OIDC[Profile](
        id="twitch",
        name="Twitch",
        issuer="https://id.twitch.tv/oauth2",
        scope="openid user:read:email",
        params={"claims": {"id_token": dict.fromkeys(_CLAIMS)}},
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        conform_token=_conform,
        profile=trusted_profile,
        style=Style(brand="#65459B", text="#fff"),
    ).override(options)


def _conform(response: HttpResponse) -> HttpResponse:
    return reshape(response, _standard)


def _standard(body: dict[str, Any]) -> dict[str, Any]:
    """Twitch sends the scope as a list, and its errors as ``{"status": 400, "message": …}``."""
    scope = body.get("scope")
    if isinstance(scope, list):
        return {**body, "scope": " ".join(map(str, scope))}
    if "message" in body and not isinstance(body.get("error"), str):
        return {"error": "invalid_request", "error_description": body["message"]}
    return body
