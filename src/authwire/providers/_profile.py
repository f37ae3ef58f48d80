"""Reading what a provider tells of a user. It is somebody else's JSON: nothing in it is certain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authwire.errors import OAuthProfileParseError
from authwire.models import TokenSet, User

__all__ = ["account_id", "first_text", "standard_account", "standard_profile", "trusted_email"]


def account_id(profile: Mapping[str, object], *names: str) -> str:
    """The immutable id at the provider: the first of the fields ``names`` that is there, as text.

    Raises:
        OAuthProfileParseError: if there is none, or it is empty or neither text nor a whole number.
            An account must never be found by an id that others could have too.
    """
    value = next((profile[name] for name in names if profile.get(name) is not None), None)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and value:
        return value
    raise OAuthProfileParseError(f"the profile has no account id ({' or '.join(names)})")


def first_text(profile: Mapping[str, object], *names: str) -> str | None:
    """The first of the fields ``names`` that is text and not empty."""
    for name in names:
        value = profile.get(name)
        if isinstance(value, str) and value:
            return value
    return None


def trusted_email(profile: Mapping[str, object], *, flag: str = "email_verified") -> str | None:
    """The e-mail address, unless the field ``flag`` says that nobody proved to own it.

    Only for services whose flag means what it says. Some send it as text or as a number.
    """
    refused = str(profile.get(flag, True)).lower() in ("false", "0")
    return None if refused else first_text(profile, "email")


def standard_profile(profile: Any, _tokens: TokenSet) -> User:
    """OpenID Connect's standard claims (OIDC Core §5.1) as a user; also fits most OAuth 2 answers.

    Raises:
        OAuthProfileParseError: if there is neither ``sub`` nor ``id``.
    """
    return User(
        id=account_id(profile, "sub", "id"),
        name=first_text(profile, "name", "nickname", "preferred_username"),
        email=first_text(profile, "email"),
        image=first_text(profile, "picture"),
    )


_ACCOUNT_FIELDS = (
    "access_token",
    "refresh_token",
    "id_token",
    "token_type",
    "scope",
    "expires_at",
    "session_state",
)


def standard_account(tokens: TokenSet) -> Mapping[str, Any]:
    """The token fields every adapter has a column for."""
    return {name: value for name in _ACCOUNT_FIELDS if (value := getattr(tokens, name)) is not None}
