"""Apple.

https://developer.apple.com/documentation/signinwithapple/incorporating-sign-in-with-apple-into-other-platforms
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._apple_secret import AppleSecret
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OIDC, OAuth2, OAuth2Options, Style

__all__ = ["Apple", "AppleProfile"]

_MAX_USER = 2000  # characters; a longer one is cut, and so unreadable


class AppleProfile(TypedDict):
    """Claims of the ID token that are read, and what came along at the first consent."""

    sub: str
    email: NotRequired[str]
    email_verified: NotRequired[bool | str]
    user: NotRequired[Mapping[str, Any]]


def Apple(
    *,
    team_id: str | None = None,
    key_id: str | None = None,
    private_key: str | None = None,
    **options: Unpack[OAuth2Options],
) -> OIDC[AppleProfile]:
    """Sign in with Apple, which calls back with a form POST from its own site.

    Apple tells the name at the first consent only, outside the ID token. The client secret is a
    token signed with your key: give ``team_id``, ``key_id`` and ``private_key`` (the text of the
    ``.p8`` file) and a fresh one is made each time, or a ``client_secret`` made elsewhere.

    Raises:
        ValueError: if only some of the three are given, or the key is no P-256 private key.
    """
    if team_id or key_id or private_key:
        if not (team_id and key_id and private_key) or "client_secret" in options:
            raise ValueError("Apple: give team_id, key_id and private_key, or a client_secret")
        options["client_secret"] = AppleSecret.from_pem(private_key, team_id=team_id, key_id=key_id)
    return OIDC(
        id="apple",
        name="Apple",
        issuer="https://appleid.apple.com",
        scope="name email",
        params={"response_mode": "form_post"},
        checks=("nonce", "state"),
        token_endpoint_auth_method="client_secret_post",
        profile=_user,
        callback_profile=_with_user,
        derive=_for_client,
        style=Style(brand="#000", text="#fff"),
    ).override(options)


def _user(profile: AppleProfile, _tokens: TokenSet) -> User:
    name: Any = (profile.get("user") or {}).get("name")
    parts = [first_text(name, part) for part in ("firstName", "lastName")] if name else []
    email = trusted_email(profile)
    return User(
        id=account_id(profile, "sub"), name=" ".join(filter(None, parts)) or email, email=email
    )


def _with_user(profile: AppleProfile, form: Mapping[str, str]) -> AppleProfile:
    """Take the name, and only the name, from the form: the browser could have changed it."""
    try:
        name = json.loads(form.get("user", "")[:_MAX_USER])["name"]
        parts = {part: name.get(part) for part in ("firstName", "lastName")}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return profile
    return {**profile, "user": {"name": parts}}


def _for_client(provider: OAuth2[AppleProfile]) -> Mapping[str, Any]:
    secret = provider.client_secret
    if isinstance(secret, AppleSecret):
        return {"client_secret": replace(secret, client_id=provider.client_id)}
    return {}
