"""GitHub.

https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
"""

from __future__ import annotations

import json
from dataclasses import replace
from http import HTTPStatus
from typing import TypedDict, Unpack, cast

from authwire.errors import ProtocolError
from authwire.http import HttpRequest
from authwire.models import TokenSet, User
from authwire.ports import Http
from authwire.protocol.oauth2 import build_userinfo_request, process_userinfo_response
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["GitHub", "GitHubProfile"]


class GitHubProfile(TypedDict):
    """Fields of ``GET /user`` that are read."""

    id: int
    login: str
    name: str | None
    email: str | None
    avatar_url: str


def GitHub(
    *, enterprise_base_url: str | None = None, **options: Unpack[OAuth2Options]
) -> OAuth2[GitHubProfile]:
    """Sign in with GitHub, or with a GitHub Enterprise Server at ``enterprise_base_url``."""
    web = (enterprise_base_url or "https://github.com").rstrip("/")
    api = f"{web}/api/v3" if enterprise_base_url else "https://api.github.com"
    return OAuth2(
        id="github",
        name="GitHub",
        issuer=f"{web}/login/oauth",
        authorization=f"{web}/login/oauth/authorize",
        token=f"{web}/login/oauth/access_token",
        userinfo=f"{api}/user",
        scope="read:user user:email",
        fetch_profile=_fetch,
        profile=_user,
        style=Style(brand="#24292f", text="#fff"),
    ).override(options)


def _user(profile: GitHubProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "name", "login"),
        email=first_text(profile, "email"),
        image=first_text(profile, "avatar_url"),
    )


async def _fetch(http: Http, tokens: TokenSet, provider: OAuth2[GitHubProfile]) -> GitHubProfile:
    """The user; who keeps the address private gets the one that GitHub knows to be theirs."""
    response = await http.send(_request(f"{provider.userinfo}", tokens))
    profile = process_userinfo_response(response, expected_sub=None)
    if not profile.get("email"):
        response = await http.send(_request(f"{provider.userinfo}/emails", tokens))
        # Any other status: the app was not granted user:email. That is no reason to fail.
        profile["email"] = _proven(response.body) if response.status == HTTPStatus.OK else None
    return cast("GitHubProfile", profile)


def _request(url: str, tokens: TokenSet) -> HttpRequest:
    request = build_userinfo_request(url, access_token=tokens.access_token or "")
    # GitHub answers 403 to a request without one.
    return replace(request, headers=(*request.headers, ("user-agent", "authwire")))


def _proven(body: bytes) -> str | None:
    """The primary address, else any, of those that the user proved to own."""
    try:
        listed = list(json.loads(body))
    except (ValueError, TypeError, RecursionError) as exc:
        raise ProtocolError("GitHub's answer is no list of addresses") from exc
    proven = [e for e in listed if isinstance(e, dict) and e.get("verified") is True]
    return first_text(max(proven, key=lambda e: e.get("primary") is True, default={}), "email")
