"""Naver.

https://developers.naver.com/docs/login/api/api.md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Naver", "NaverProfile"]


class NaverProfile(TypedDict):
    """The answer of ``GET /v1/nid/me``."""

    response: Mapping[str, Any]
    """``id``, ``nickname``, ``email`` and ``profile_image`` are read."""


def Naver(**options: Unpack[OAuth2Options]) -> OAuth2[NaverProfile]:
    """Sign in with Naver. The user's id differs from app to app."""
    return OAuth2(
        id="naver",
        name="Naver",
        authorization="https://nid.naver.com/oauth2.0/authorize",
        token="https://nid.naver.com/oauth2.0/token",
        userinfo="https://openapi.naver.com/v1/nid/me",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#03C75A", text="#fff"),
    ).override(options)


def _user(profile: NaverProfile, _tokens: TokenSet) -> User:
    told = part(profile, "response")
    return User(
        id=account_id(told, "id"),
        name=first_text(told, "nickname"),
        email=first_text(told, "email"),
        image=first_text(told, "profile_image"),
    )
