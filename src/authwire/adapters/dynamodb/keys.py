"""Which key each kind of row has. A value that is looked up by is a key, so reads are consistent."""

from __future__ import annotations

from typing import Final

from authwire.adapters.dynamodb.values import Item, key_of, named

__all__ = [
    "ACCOUNT",
    "AUTHENTICATOR",
    "SESSION",
    "TOKEN",
    "account",
    "authenticator",
    "email",
    "session",
    "token",
    "user",
]

ACCOUNT: Final = "ACCOUNT"
AUTHENTICATOR: Final = "AUTHENTICATOR"
SESSION: Final = "SESSION"
TOKEN: Final = "TOKEN"


def user(user_id: str) -> Item:
    """A user, by id."""
    return key_of(named("USER", user_id))


def email(address: str) -> Item:
    """The claim of an address: it holds the id of its user."""
    return key_of(named("EMAIL", address))


def account(provider: str, provider_account_id: str) -> Item:
    """The id comes first, as a partition for each provider would be few and hot ones."""
    return key_of(named(ACCOUNT, provider_account_id), named("PROVIDER", provider))


def session(session_token: str) -> Item:
    """A session, by its token."""
    return key_of(named(SESSION, session_token))


def token(value: str, identifier: str) -> Item:
    """The rows of one token lie together: it must be enough to find them."""
    return key_of(named(TOKEN, value), named("IDENTIFIER", identifier))


def authenticator(credential_id: str) -> Item:
    """A passkey, by the id of the credential."""
    return key_of(named(AUTHENTICATOR, credential_id))
