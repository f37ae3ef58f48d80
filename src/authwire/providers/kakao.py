"""Kakao.

https://developers.kakao.com/docs/latest/en/kakaologin/rest-api
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Kakao", "KakaoProfile"]


class KakaoProfile(TypedDict):
    """Fields of ``GET /v2/user/me`` that are read."""

    id: int
    kakao_account: NotRequired[Mapping[str, Any]]
    """``email``, ``is_email_valid``, ``is_email_verified``, and ``profile`` with
    ``nickname`` and ``profile_image_url``; each only with the user's consent."""


def Kakao(**options: Unpack[OAuth2Options]) -> OAuth2[KakaoProfile]:
    """Sign in with Kakao. An address that Kakao calls unverified or no longer theirs is not taken.

    What is asked of the user is chosen in Kakao's console, so no scope is sent.
    """
    return OAuth2(
        id="kakao",
        name="Kakao",
        authorization="https://kauth.kakao.com/oauth/authorize",
        token="https://kauth.kakao.com/oauth/token",
        userinfo="https://kapi.kakao.com/v2/user/me",
        scope="",
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        style=Style(brand="#FEE500", text="#000"),
    ).override(options)


def _user(profile: KakaoProfile, _tokens: TokenSet) -> User:
    account = part(profile, "kakao_account")
    shown = part(account, "profile")
    # The address may have been somebody else's since: then it is verified, but not valid.
    valid = trusted_email(account, flag="is_email_valid")
    return User(
        id=account_id(profile, "id"),
        name=first_text(shown, "nickname"),
        email=valid and trusted_email(account, flag="is_email_verified"),
        image=first_text(shown, "profile_image_url"),
    )
