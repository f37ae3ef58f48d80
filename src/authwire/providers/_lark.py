"""Feishu, and Lark, which is the same service outside of mainland China."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypedDict
from urllib.parse import parse_qsl

from authwire.http import HttpRequest
from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["LarkProfile", "lark"]


class LarkProfile(TypedDict):
    """What is read of ``GET /open-apis/authen/v1/user_info``."""

    data: Mapping[str, Any]


def lark(provider_id: str, name: str, domain: str, options: OAuth2Options) -> OAuth2[LarkProfile]:
    """The provider for the service at ``domain``."""
    return OAuth2(
        id=provider_id,
        name=name,
        authorization=f"https://accounts.{domain}/open-apis/authen/v1/authorize",
        token=f"https://open.{domain}/open-apis/authen/v2/oauth/token",
        userinfo=f"https://open.{domain}/open-apis/authen/v1/user_info",
        scope="",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        conform_token_request=_as_json,
        profile=_user,
        style=Style(brand="#3370FF"),
    ).override(options)


def _user(profile: LarkProfile, _tokens: TokenSet) -> User:
    user = part(profile, "data")
    return User(
        id=account_id(user, "open_id"),
        name=first_text(user, "name", "en_name"),
        email=first_text(user, "email", "enterprise_email"),
        image=first_text(user, "avatar_url"),
    )


def _as_json(request: HttpRequest) -> HttpRequest:
    """The parameters, whose names are the standard's, as a JSON object."""
    params = dict(parse_qsl((request.body or b"").decode()))
    headers = {**dict(request.headers), "content-type": "application/json; charset=utf-8"}
    return replace(request, headers=tuple(headers.items()), body=json.dumps(params).encode())
