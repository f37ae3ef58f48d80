"""Discord.

https://discord.com/developers/docs/topics/oauth2
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["Discord", "DiscordProfile"]

_CDN = "https://cdn.discordapp.com"


class DiscordProfile(TypedDict):
    """Fields of the user object that are read."""

    id: str
    username: str
    discriminator: NotRequired[str]
    global_name: NotRequired[str | None]
    avatar: str | None
    email: NotRequired[str | None]
    verified: NotRequired[bool]


def Discord(**options: Unpack[OAuth2Options]) -> OAuth2[DiscordProfile]:
    """Sign in with Discord. An address that Discord calls unverified is not taken."""
    return OAuth2(
        id="discord",
        name="Discord",
        authorization="https://discord.com/api/oauth2/authorize",
        token="https://discord.com/api/oauth2/token",
        userinfo="https://discord.com/api/users/@me",
        scope="identify email",
        profile=_user,
        style=Style(brand="#5865F2", text="#fff"),
    ).override(options)


def _user(profile: DiscordProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "global_name", "username"),
        email=trusted_email(profile, flag="verified"),
        image=_avatar(account_id(profile, "id"), profile),
    )


def _avatar(user_id: str, profile: DiscordProfile) -> str | None:
    """The picture, or the one that Discord shows instead (Discord API, image formatting)."""
    if avatar := first_text(profile, "avatar"):
        kind = "gif" if avatar.startswith("a_") else "png"
        return f"{_CDN}/avatars/{user_id}/{avatar}.{kind}"
    tag = first_text(profile, "discriminator") or "0"
    if not (user_id.isdecimal() and tag.isdecimal()):
        return None
    # Accounts from before the end of the #1234 tags keep the picture that the tag gave them.
    index = (int(user_id) >> 22) % 6 if tag == "0" else int(tag) % 5
    return f"{_CDN}/embed/avatars/{index}.png"
