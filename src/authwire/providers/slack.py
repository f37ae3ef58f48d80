"""Slack.

https://docs.slack.dev/authentication/sign-in-with-slack/
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack

from authwire.models import TokenSet, User
from authwire.providers._profile import account_id, first_text, trusted_email
from authwire.providers._types import OIDC, OAuth2Options, Style

__all__ = ["Slack", "SlackProfile"]


class SlackProfile(TypedDict):
    """Claims of the ID token that are read."""

    sub: str
    name: NotRequired[str]
    email: NotRequired[str]
    email_verified: NotRequired[bool]
    picture: NotRequired[str]


def Slack(**options: Unpack[OAuth2Options]) -> OIDC[SlackProfile]:
    """Sign in with Slack. An address that Slack calls unverified is not taken.

    The account id is the user's id in one workspace: somebody in two workspaces has two.
    """
    return OIDC(
        id="slack",
        name="Slack",
        issuer="https://slack.com",
        # Slack does not promise PKCE for this flow; it documents both of these.
        checks=("nonce", "state"),
        profile=_user,
        style=Style(brand="#611f69"),
    ).override(options)


def _user(profile: SlackProfile, _tokens: TokenSet) -> User:
    return User(
        id=account_id(profile, "sub"),
        name=first_text(profile, "name"),
        email=trusted_email(profile),
        image=first_text(profile, "picture"),
    )
