"""Reading profiles that are nested, or that say whose address it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text, trusted_email

__all__ = ["full_name", "part", "texts", "trusted_profile"]


def part(profile: Mapping[str, object], *path: str) -> Mapping[str, object]:
    """The object found by going down ``path``; an empty one if there is none."""
    inner: object = profile
    for name in path:
        inner = inner.get(name) if isinstance(inner, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}


def texts(profile: Mapping[str, object], name: str) -> list[str]:
    """What is text, and not empty, in the list ``name``."""
    value = profile.get(name)
    listed = value if isinstance(value, list) else []
    return [item for item in listed if isinstance(item, str) and item]


def full_name(profile: Mapping[str, object], *names: str) -> str | None:
    """The parts of a name that are there, with a space between them."""
    parts = (first_text(profile, name) for name in names)
    return " ".join(filter(None, parts)) or None


def trusted_profile(profile: Any, _tokens: TokenSet) -> User:
    """OpenID Connect's standard claims (OIDC Core §5.1), without an address called unverified.

    Raises:
        OAuthProfileParseError: if there is no ``sub``.
    """
    return User(
        id=account_id(profile, "sub"),
        name=first_text(profile, "name", "nickname", "preferred_username"),
        email=trusted_email(profile),
        image=first_text(profile, "picture"),
    )
